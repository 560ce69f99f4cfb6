import type { SourcePosition } from '../failure.ts';

/** An element of one of OSSEC's XML files, with variables replaced. */
export interface Element {
  name: string;
  attributes: Attribute[];
  /** The text after the last child, with its spaces: OSSEC drops earlier text. */
  text: string;
  children: Element[];
  position: SourcePosition;
  span: Span;
}

/** The offsets of an element in its file, in bytes. */
export interface Span {
  /** Its `<`. */
  start: number;
  /** Just after its opening tag. */
  inside: number;
  /** The start of its closing tag; equals `end` when the element has no closing tag. */
  insideEnd: number;
  /** Just after its closing tag. */
  end: number;
}

export interface Attribute {
  name: string;
  value: string;
}

export function attribute(element: Element, name: string): string | undefined {
  return element.attributes.find((candidate) => candidate.name.toLowerCase() === name)?.value;
}
