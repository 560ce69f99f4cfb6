import type { Place } from '../failure.ts';

/** An element of one of OSSEC's XML files. Variables are already in place. */
export interface Element {
  name: string;
  attributes: Attribute[];
  /** What stands after the last child, with its spaces: OSSEC forgets what comes before. */
  text: string;
  children: Element[];
  place: Place;
}

export interface Attribute {
  name: string;
  value: string;
}

export function attribute(element: Element, name: string): string | undefined {
  return element.attributes.find((candidate) => candidate.name.toLowerCase() === name)?.value;
}
