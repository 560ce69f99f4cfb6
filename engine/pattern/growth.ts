import { type ByteSet, overlaps } from './byte-set.ts';
import { type Positions, positionsOf, WRITTEN_OUT } from './positions.ts';
import type { Node } from './syntax.ts';

/**
 * How the work of a failing match grows with the length n of the subject: n to the power of `degree`, or
 * `Infinity` when it grows exponentially. JavaScript's matcher backtracks and has no limit of its own, so
 * a pattern of a foreign ruleset must not be trusted with what an attacker writes.
 *
 * The degree counts the loops that one and the same byte, repeated, can run through one after the other,
 * and one more for a search that is not anchored. Loops that only a longer word ties together are not seen.
 */
export function growth(node: Node): number {
  const loops = loopsOf(node);
  if (loops === 'none') return 1;
  const automaton = positionsOf(node);
  if (loops === 'nested' && isExponential(automaton)) return Infinity;
  const search = isAnchored(node) ? 0 : 1;
  let degree = 0;
  for (const byte of sampleBytes(automaton.sets)) degree = Math.max(degree, loopsInARow(automaton, byte));
  return Math.max(1, degree === 0 ? search : degree + search);
}

/** Every alternative begins with ^. */
export function isAnchored(node: Node): boolean {
  switch (node.kind) {
    case 'edge':
      return node.at === 'start';
    case 'sequence':
      return node.items[0] !== undefined && isAnchored(node.items[0]);
    case 'choice':
      return node.options.every(isAnchored);
    case 'capture':
      return isAnchored(node.item);
    case 'repeat':
      return node.min > 0 && isAnchored(node.item);
    default:
      return false;
  }
}

/** Whether the pattern repeats anything without a bound, and whether that is more than a single byte. */
function loopsOf(node: Node): 'none' | 'flat' | 'nested' {
  switch (node.kind) {
    case 'sequence':
      return most(node.items.map(loopsOf));
    case 'choice':
      return most(node.options.map(loopsOf));
    case 'capture':
    case 'look':
      return loopsOf(node.item);
    case 'repeat':
      if (node.max <= WRITTEN_OUT) return loopsOf(node.item);
      return node.item.kind === 'byte' ? 'flat' : 'nested';
    default:
      return 'none';
  }
}

function most(kinds: ('none' | 'flat' | 'nested')[]): 'none' | 'flat' | 'nested' {
  if (kinds.includes('nested')) return 'nested';
  return kinds.includes('flat') ? 'flat' : 'none';
}

/** One byte for each class of bytes that no set of the pattern tells apart. */
function sampleBytes(sets: ByteSet[]): number[] {
  const distinct = [...new Set(sets)];
  const samples = new Map<number, number>();
  for (let byte = 0; byte < 256; byte++) {
    let members = 0;
    // Beyond 53 sets the sum is rounded; then two classes may pass for one.
    for (let i = 0; i < distinct.length; i++) if (distinct[i]?.[byte]) members += 2 ** i;
    if (members !== 0 && !samples.has(members)) samples.set(members, byte);
  }
  return [...samples.values()];
}

/**
 * The most loops on one path of states that all read `byte`. A loop counts only when something that must
 * still be matched follows it: at the end of a pattern it simply takes all there is.
 */
function loopsInARow({ sets, next, last }: Positions, byte: number): number {
  const reads = (state: number) => sets[state]?.[byte] === 1;
  const best = new Map<number, number>();
  const longest = (state: number): number => {
    const known = best.get(state);
    if (known !== undefined) return known;
    best.set(state, 0);
    const onward = (next[state] ?? []).filter((follower) => follower !== state && reads(follower));
    const isLoop = (next[state] ?? []).includes(state) && !(last.has(state) && onward.length === 0);
    const count = Math.max(0, ...onward.map(longest)) + (isLoop ? 1 : 0);
    best.set(state, count);
    return count;
  };
  let most = 0;
  for (let state = 0; state < sets.length; state++) if (reads(state)) most = Math.max(most, longest(state));
  return most;
}

/** Two different ways around a loop that read the same word: each turn doubles the ways to fail. */
function isExponential({ sets, next }: Positions): boolean {
  return sets.some((_, start) => {
    const follows = next[start] ?? [];
    if (follows.filter((state) => state === start).length > 1) return true;
    return reaches(next, start, start) && forks(sets, next, start);
  });
}

/** Whether two walks that leave `start` with the same bytes can part, and be back at `start` together. */
function forks(sets: ByteSet[], next: number[][], start: number): boolean {
  const size = sets.length;
  const seen = new Set<number>();
  const queue: [number, number, boolean][] = [[start, start, false]];
  for (let step = queue.pop(); step; step = queue.pop()) {
    const [a, b, parted] = step;
    for (const x of next[a] ?? []) {
      for (const y of next[b] ?? []) {
        const apart = parted || x !== y || isDouble(next[a], x);
        if (apart && x === start && y === start && parted) return true;
        if (!overlaps(sets[x] ?? NONE, sets[y] ?? NONE) || !reaches(next, x, start)) continue;
        if (apart && x === start && y === start) return true;
        const key = (x * size + y) * 2 + (apart ? 1 : 0);
        if (seen.has(key)) continue;
        seen.add(key);
        queue.push([x, y, apart]);
      }
    }
  }
  return false;
}

const NONE: ByteSet = new Uint8Array(256);

function isDouble(followers: number[] | undefined, state: number): boolean {
  return (followers ?? []).indexOf(state) !== (followers ?? []).lastIndexOf(state);
}

function reaches(next: number[][], from: number, to: number): boolean {
  const seen = new Set<number>();
  const stack = [...(next[from] ?? [])];
  for (let state = stack.pop(); state !== undefined; state = stack.pop()) {
    if (state === to) return true;
    if (seen.has(state)) continue;
    seen.add(state);
    stack.push(...(next[state] ?? []));
  }
  return false;
}
