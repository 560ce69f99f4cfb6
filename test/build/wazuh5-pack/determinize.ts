import { parsePcre2 } from '../../../engine/pattern/parse-pcre2.ts';
import type { Node } from '../../../engine/pattern/syntax.ts';

interface State {
  /** A transition: a set of bytes and the next state. */
  readonly moves: { readonly set: Uint8Array; readonly to: number }[];
  readonly empty: number[];
}

/**
 * The work of making a regular expression deterministic, counted as Lucene counts it: the sum of the sizes of all sets of
 * states. Lucene refuses an expression whose work is more than 100,000, ten times the default limit of
 * Operations.determinize.
 */
export function determinizeEffort(expression: string, most: number): number {
  const states: State[] = [];
  const start = newState(states);
  const end = add(states, parsePcre2(expression, false), start);
  const bytes = representatives(states);
  const seen = new Set<string>();
  let waiting = [closure(states, [start])];
  let effort = 0;
  while (waiting.length > 0 && effort <= most) {
    const [set = [], ...rest] = waiting;
    waiting = rest;
    for (const byte of bytes) {
      const next = closure(
        states,
        set.flatMap(
          (state) => states[state]?.moves.filter((move) => move.set[byte] === 1).map(({ to }) => to) ?? [],
        ),
      );
      const key = next.join();
      if (next.length === 0 || seen.has(key)) continue;
      seen.add(key);
      effort += next.length;
      waiting.push(next);
    }
  }
  return states[end] === undefined ? Number.NaN : effort;
}

function newState(states: State[]): number {
  return states.push({ moves: [], empty: [] }) - 1;
}

/** Adds the states of a node after the state `from`. @returns the last state */
function add(states: State[], node: Node, from: number): number {
  switch (node.kind) {
    case 'byte': {
      const to = newState(states);
      states[from]?.moves.push({ set: node.set, to });
      return to;
    }
    case 'sequence':
      return node.items.reduce((at, item) => add(states, item, at), from);
    case 'capture':
      return add(states, node.item, from);
    case 'choice': {
      const ends = node.options.map((option) => add(states, option, join(states, from)));
      const to = newState(states);
      for (const end of ends) states[end]?.empty.push(to);
      return to;
    }
    case 'repeat': {
      let at = from;
      for (let count = 0; count < node.min; count++) at = add(states, node.item, at);
      if (node.max === Number.POSITIVE_INFINITY) {
        const loop = join(states, at);
        const back = add(states, node.item, loop);
        states[back]?.empty.push(loop);
        return loop;
      }
      const to = newState(states);
      states[at]?.empty.push(to);
      for (let count = node.min; count < node.max; count++) {
        at = add(states, node.item, at);
        states[at]?.empty.push(to);
      }
      return to;
    }
    default:
      throw new Error(`Lucene has no ${node.kind}`);
  }
}

function join(states: State[], from: number): number {
  const to = newState(states);
  states[from]?.empty.push(to);
  return to;
}

function closure(states: readonly State[], from: readonly number[]): number[] {
  const all = new Set(from);
  for (const state of all) for (const next of states[state]?.empty ?? []) all.add(next);
  return [...all].sort((a, b) => a - b);
}

/** Returns one byte of each class. Bytes are in one class if every set contains either all of them or none. */
function representatives(states: readonly State[]): number[] {
  const sets = states.flatMap(({ moves }) => moves.map(({ set }) => set));
  const classes = new Map<string, number>();
  for (let byte = 0x20; byte < 0x80; byte++) classes.set(sets.map((set) => set[byte]).join(''), byte);
  return [...classes.values()];
}
