import type { ByteSet } from './byte-set.ts';
import type { Node } from './syntax.ts';

/** A pattern as an automaton with one state for each byte it reads (Glushkov's construction). */
export interface Positions {
  sets: ByteSet[];
  /** next[p]: the states that may follow p; a state that is listed twice can be reached in two ways. */
  next: number[][];
  first: number[];
  /** States whose byte can end a match. */
  last: Set<number>;
  /** The pattern matches the empty string. */
  nullable: boolean;
}

/** The most times that a counted repeat is unrolled. */
export const WRITTEN_OUT = 4;

interface Part {
  first: number[];
  last: number[];
  nullable: boolean;
}

const NOTHING: Node = { kind: 'byte', set: new Uint8Array(256) };

const EMPTY: Part = { first: [], last: [], nullable: true };

/**
 * Builds the automaton. An assertion of the end of the text or of a line becomes a state that reads nothing, so that
 * the state before it does not count as the end. Other assertions and back references are left out.
 *
 * @param endless a repeat with a higher maximum than this is a loop
 */
export function positionsOf(node: Node, endless: number): Positions {
  const sets: ByteSet[] = [];
  const next: number[][] = [];
  const whole = build(node);
  return { sets, next, first: whole.first, last: new Set(whole.last), nullable: whole.nullable };

  function build(part: Node): Part {
    if (part.kind === 'byte') {
      sets.push(part.set);
      next.push([]);
      return { first: [sets.length - 1], last: [sets.length - 1], nullable: false };
    }
    if (part.kind === 'edge' && (part.at === 'end' || part.at === 'lineEnd')) return build(NOTHING);
    if (part.kind === 'sequence') return part.items.map(build).reduce(join, EMPTY);
    if (part.kind === 'choice') return part.options.map(build).reduce(either);
    if (part.kind === 'capture') return build(part.item);
    if (part.kind === 'repeat') return repeat(part);
    return EMPTY;
  }

  function repeat({ item, min, max }: Node & { kind: 'repeat' }): Part {
    const copies = Math.min(Math.max(min, 1), WRITTEN_OUT);
    const parts = Array.from({ length: copies }, () => build(item));
    const tail = parts.at(-1) ?? EMPTY;
    if (max > endless) link(tail.last, tail.first);
    else
      for (let extra = copies; extra < Math.min(max, WRITTEN_OUT); extra++)
        parts.push({ ...build(item), nullable: true });
    const joined = parts.reduce(join, EMPTY);
    return min === 0 ? { ...joined, nullable: true } : joined;
  }

  function join(a: Part, b: Part): Part {
    link(a.last, b.first);
    return {
      first: a.nullable ? [...a.first, ...b.first] : a.first,
      last: b.nullable ? [...a.last, ...b.last] : b.last,
      nullable: a.nullable && b.nullable,
    };
  }

  function link(from: number[], to: number[]): void {
    for (const state of from) next[state]?.push(...to);
  }
}

function either(a: Part, b: Part): Part {
  return {
    first: [...a.first, ...b.first],
    last: [...a.last, ...b.last],
    nullable: a.nullable || b.nullable,
  };
}
