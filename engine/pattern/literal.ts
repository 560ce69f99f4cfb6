import { onlyByte } from './byte-set.ts';
import type { Node } from './syntax.ts';

/** A pattern of plain text, possibly anchored at an edge of the subject. */
export interface Literal {
  text: string;
  atStart: boolean;
  atEnd: boolean;
}

/** The pattern as plain text, or undefined when it is more than that. */
export function asLiteral(node: Node): Literal | undefined {
  const items = node.kind === 'sequence' ? node.items : [node];
  let text = '';
  let atStart = false;
  let atEnd = false;
  for (const [i, item] of items.entries()) {
    if (item.kind === 'edge' && item.at === 'start' && i === 0) atStart = true;
    else if (item.kind === 'edge' && item.at === 'end' && i === items.length - 1) atEnd = true;
    else if (item.kind === 'byte' && onlyByte(item.set) >= 0) text += String.fromCharCode(onlyByte(item.set));
    else return undefined;
  }
  return { text, atStart, atEnd };
}

/**
 * The longest text in every match, or '' when there is none: checking a subject for it is much cheaper than running
 * the matcher.
 */
export function requiredText(node: Node): string {
  const runs: string[] = [''];
  collect(node, runs);
  return runs.reduce((longest, run) => (run.length > longest.length ? run : longest));
}

/** Adds the runs of single bytes that a match must contain. The last run still grows. */
function collect(node: Node, runs: string[]): void {
  if (node.kind === 'sequence') {
    for (const item of node.items) collect(item, runs);
  } else if (node.kind === 'capture') {
    collect(node.item, runs);
  } else if (node.kind === 'byte' && onlyByte(node.set) >= 0) {
    runs[runs.length - 1] += String.fromCharCode(onlyByte(node.set));
  } else if (node.kind === 'repeat' && node.min > 0) {
    collect(node.item, runs);
    runs.push('');
  } else if (node.kind !== 'edge' && !(node.kind === 'look')) {
    runs.push('');
  }
}

/** The bytes that can begin a match at the start of the subject; undefined when any byte may. */
export function firstBytes(node: Node): Uint8Array | undefined {
  const set = new Uint8Array(256);
  return addFirst(node, set) ? undefined : set;
}

/** Adds the first bytes of the node to `set`; returns true when the node can match without reading a byte. */
function addFirst(node: Node, set: Uint8Array): boolean {
  switch (node.kind) {
    case 'byte':
      for (let code = 0; code < 256; code++) if (node.set[code]) set[code] = 1;
      return false;
    case 'sequence':
      return node.items.every((item) => addFirst(item, set));
    case 'choice':
      return node.options.map((option) => addFirst(option, set)).includes(true);
    case 'capture':
      return addFirst(node.item, set);
    case 'repeat':
      return addFirst(node.item, set) || node.min === 0;
    default:
      return true;
  }
}
