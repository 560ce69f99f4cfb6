import { type ByteSet, overlaps } from './byte-set.ts';
import type { Positions } from './positions.ts';

/** A loop: states that lead back to each other, and what any of them reads. */
interface Loop {
  states: Set<number>;
  set: ByteSet;
}

/**
 * The most loops that one word can run through one after the other: each more is a factor of the subject's
 * length in the work of a failing match. A search that can begin within the word counts as a loop.
 *
 * @param isFlat nothing but single bytes is repeated
 */
export function loopsInARow(automaton: Positions, isSearch: boolean, isFlat: boolean): number {
  const { sets, first } = automaton;
  const loops = loopsOf(automaton, isFlat).filter((loop) => mustGoOn(automaton, loop));
  const best = new Map<Loop, number>();
  const longest = (loop: Loop): number => {
    const known = best.get(loop);
    if (known !== undefined) return known;
    best.set(loop, 0);
    const onward = loops.filter((other) => other !== loop && isTied(automaton, loop, other));
    const count = 1 + Math.max(0, ...onward.map(longest));
    best.set(loop, count);
    return count;
  };
  const begins = (loop: Loop) =>
    isSearch &&
    reaches(
      automaton,
      first.filter((state) => overlaps(sets[state] ?? NONE, loop.set)),
      loop,
      loop.set,
    );
  return Math.max(0, ...loops.map((loop) => longest(loop) + (begins(loop) ? 1 : 0)));
}

const NONE: ByteSet = new Uint8Array(256);

/** The strongly connected parts of the automaton that have an edge within. */
function loopsOf({ sets, next }: Positions, isFlat: boolean): Loop[] {
  // Where only single bytes are repeated, each loop is one state that follows itself.
  if (isFlat) {
    const alone = sets.map((set, state): Loop => ({ states: new Set([state]), set }));
    return alone.filter((_, state) => next[state]?.includes(state));
  }
  const reach = next.map((_, state) => reachable(next, state));
  const loops: Loop[] = [];
  const seen = new Set<number>();
  for (const [state, after] of reach.entries()) {
    if (seen.has(state) || !after.has(state)) continue;
    const states = new Set([...after].filter((other) => reach[other]?.has(state)));
    for (const member of states) seen.add(member);
    // What can be read again and again counts; an escape such as \\. in a loop of quoted text does not.
    const repeating = [...states].filter((member) => next[member]?.includes(member));
    const set = new Uint8Array(256);
    for (const member of repeating.length > 0 ? repeating : states) {
      for (let byte = 0; byte < 256; byte++) if (sets[member]?.[byte]) set[byte] = 1;
    }
    loops.push({ states, set });
  }
  return loops;
}

function reachable(next: number[][], from: number): Set<number> {
  const found = new Set<number>();
  const stack = [...(next[from] ?? [])];
  for (let state = stack.pop(); state !== undefined; state = stack.pop()) {
    if (found.has(state)) continue;
    found.add(state);
    stack.push(...(next[state] ?? []));
  }
  return found;
}

/** A loop that ends the pattern takes all there is and never has to give any of it back. */
function mustGoOn({ next, last }: Positions, { states }: Loop): boolean {
  for (const state of states) {
    if ((next[state] ?? []).some((follower) => !states.has(follower))) return true;
  }
  return ![...states].some((state) => last.has(state));
}

/** Whether a word that runs through the first loop can also lead on to the second and run through it. */
function isTied(automaton: Positions, from: Loop, to: Loop): boolean {
  if (!overlaps(from.set, to.set)) return false;
  const common = new Uint8Array(256);
  for (let byte = 0; byte < 256; byte++) if (from.set[byte] && to.set[byte]) common[byte] = 1;
  const starts = [...from.states].flatMap((state) => automaton.next[state] ?? []);
  return reaches(
    automaton,
    starts.filter((state) => !from.states.has(state)),
    to,
    common,
  );
}

/** Whether a way of states that can all read a byte of `through` leads from the starts to the loop. */
function reaches({ sets, next }: Positions, starts: number[], to: Loop, through: ByteSet): boolean {
  const seen = new Set<number>();
  const stack = [...starts];
  for (let state = stack.pop(); state !== undefined; state = stack.pop()) {
    if (seen.has(state) || !overlaps(sets[state] ?? NONE, through)) continue;
    if (to.states.has(state)) return true;
    seen.add(state);
    stack.push(...(next[state] ?? []));
  }
  return false;
}
