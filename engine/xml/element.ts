import type { Place } from '../failure.ts';

/** An element of one of OSSEC's XML files. Variables are already in place. */
export interface Element {
  name: string;
  attributes: Attribute[];
  /** What stands after the last child, with its spaces: OSSEC forgets what comes before. */
  text: string;
  children: Element[];
  place: Place;
  span: Span;
}

/** Where an element stands in its file, in bytes. */
export interface Span {
  /** Its `<`. */
  start: number;
  /** Behind its opening tag. */
  inside: number;
  /** Its closing tag; the same as `end` when it has none. */
  insideEnd: number;
  /** Behind its closing tag. */
  end: number;
}

export interface Attribute {
  name: string;
  value: string;
}

export function attribute(element: Element, name: string): string | undefined {
  return element.attributes.find((candidate) => candidate.name.toLowerCase() === name)?.value;
}
