import { groupBy } from '../../base/group-by.ts';
import { type ByteSet, overlaps } from './byte-set.ts';
import { loopsIn } from './loops-in.ts';
import type { Positions } from './positions.ts';

/** A loop: states that lead back to each other, and the bytes that any of them reads. */
interface Loop {
  states: Set<number>;
  set: ByteSet;
}

/**
 * The greatest number of loops that a single word can run through in sequence: each loop multiplies the work of a
 * failing match by the subject's length. A search that can begin within the word counts as a loop.
 *
 * @param isFlat true when the pattern repeats only single bytes
 */
export function adjacentLoops(automaton: Positions, isSearch: boolean, isFlat: boolean): number {
  const loops = loopsOf(automaton, isFlat).filter((loop) => mustGoOn(automaton, loop));
  const kinds = bySet(loops);
  const best = new Map<Loop, number>();
  const longest = (loop: Loop): number => {
    const known = best.get(loop);
    if (known !== undefined) return known;
    best.set(loop, 0);
    const tied = new Set(kinds.flatMap((kind) => tiedTo(automaton, loop, kind)));
    const onward = loops.filter((other) => other !== loop && tied.has(other));
    const count = 1 + Math.max(0, ...onward.map(longest));
    best.set(loop, count);
    return count;
  };
  const begins = (loop: Loop) => isSearch && isIn(reachable(automaton, automaton.first, loop.set), loop);
  return Math.max(0, ...loops.map((loop) => longest(loop) + (begins(loop) ? 1 : 0)));
}

const NONE: ByteSet = new Uint8Array(256);

/** The loops of the automaton, with the bytes that each can read repeatedly. */
function loopsOf({ sets, next }: Positions, isFlat: boolean): Loop[] {
  // When only single bytes are repeated, each loop is one state that follows itself.
  if (isFlat) {
    const alone = sets.map((set, state): Loop => ({ states: new Set([state]), set }));
    return alone.filter((_, state) => next[state]?.includes(state));
  }
  return loopsIn(next).map((states) => {
    // Counts the bytes that can be read repeatedly; an escape such as \\. in a loop of quoted text does not count.
    const repeating = [...states].filter((member) => next[member]?.includes(member));
    const set = new Uint8Array(256);
    for (const member of repeating.length > 0 ? repeating : states) {
      for (let byte = 0; byte < 256; byte++) if (sets[member]?.[byte]) set[byte] = 1;
    }
    return { states, set };
  });
}

/** False for a loop that ends the pattern: such a loop takes everything and never backtracks. */
function mustGoOn({ next, last }: Positions, { states }: Loop): boolean {
  for (const state of states) {
    if ((next[state] ?? []).some((follower) => !states.has(follower))) return true;
  }
  return ![...states].some((state) => last.has(state));
}

/** Groups loops that read the same bytes: there are many loops, and few sets. */
function bySet(loops: readonly Loop[]): Loop[][] {
  return [...groupBy(loops, ({ set }) => Buffer.from(set).toString('latin1')).values()];
}

/** The loops of one set that a word can also enter and run through after it has run through the first loop. */
function tiedTo(automaton: Positions, from: Loop, to: readonly Loop[]): Loop[] {
  const set = to[0]?.set ?? NONE;
  if (!overlaps(from.set, set)) return [];
  const common = new Uint8Array(256);
  for (let byte = 0; byte < 256; byte++) if (from.set[byte] && set[byte]) common[byte] = 1;
  const starts = [...from.states].flatMap((state) => automaton.next[state] ?? []);
  const reached = reachable(
    automaton,
    starts.filter((state) => !from.states.has(state)),
    common,
  );
  return to.filter((loop) => isIn(reached, loop));
}

const isIn = (reached: ReadonlySet<number>, { states }: Loop): boolean => {
  for (const state of states) if (reached.has(state)) return true;
  return false;
};

/** The states on those paths from the starts on which every state can read a byte of `through`. */
function reachable({ sets, next }: Positions, starts: readonly number[], through: ByteSet): Set<number> {
  const reached = new Set<number>();
  const stack = [...starts];
  for (let state = stack.pop(); state !== undefined; state = stack.pop()) {
    if (reached.has(state) || !overlaps(sets[state] ?? NONE, through)) continue;
    reached.add(state);
    stack.push(...(next[state] ?? []));
  }
  return reached;
}
