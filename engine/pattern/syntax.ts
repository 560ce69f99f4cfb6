import type { ByteSet } from './byte-set.ts';

/** A parsed pattern of any dialect. Captures are numbered from 1, in order of their `(`. */
export type Node =
  | { kind: 'byte'; set: ByteSet }
  | { kind: 'sequence'; items: Node[] }
  | { kind: 'choice'; options: Node[] }
  | { kind: 'repeat'; item: Node; min: number; max: number; lazy: boolean; possessive?: boolean }
  | { kind: 'capture'; item: Node; index: number }
  | { kind: 'edge'; at: 'start' | 'end' | 'lineStart' | 'lineEnd' | 'word' | 'notWord' }
  | { kind: 'look'; item: Node; behind: boolean; negative: boolean }
  | { kind: 'back'; index: number };

/** The highest count of a repeat: a higher count would compile to an enormous size. */
export const MAX_REPEAT = 1000;

/** A pattern that a dialect does not allow, or that the engine cannot express. The loader adds file and line. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
}

/** Every byte set of the pattern, including byte sets inside look-arounds. */
export function* setsOf(node: Node): Generator<ByteSet> {
  switch (node.kind) {
    case 'byte':
      yield node.set;
      return;
    case 'sequence':
      for (const item of node.items) yield* setsOf(item);
      return;
    case 'choice':
      for (const option of node.options) yield* setsOf(option);
      return;
    case 'repeat':
    case 'capture':
    case 'look':
      yield* setsOf(node.item);
  }
}

/** Returns the pattern with every byte set replaced by `change`. */
export function mapSets(node: Node, change: (set: ByteSet) => ByteSet): Node {
  switch (node.kind) {
    case 'byte':
      return { kind: 'byte', set: change(node.set) };
    case 'sequence':
      return { kind: 'sequence', items: node.items.map((item) => mapSets(item, change)) };
    case 'choice':
      return { kind: 'choice', options: node.options.map((option) => mapSets(option, change)) };
    case 'repeat':
    case 'capture':
    case 'look':
      return { ...node, item: mapSets(node.item, change) };
    default:
      return node;
  }
}
