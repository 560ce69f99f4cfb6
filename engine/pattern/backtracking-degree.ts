import { adjacentLoops } from './adjacent-loops.ts';
import { type ByteSet, overlaps } from './byte-set.ts';
import { loopsIn } from './loops-in.ts';
import { type Positions, positionsOf, WRITTEN_OUT } from './positions.ts';
import { MAX_REPEAT, type Node } from './syntax.ts';

/**
 * The growth of a failing match's work with the length n of the subject: n to the power of `degree`, or `Infinity` when
 * it grows exponentially. JavaScript's matcher backtracks without a limit, so a pattern of a foreign ruleset must not
 * run on text of an attacker.
 *
 * The degree counts the loops that a single repeated word can run through in sequence, plus one if the pattern is not
 * anchored and the word can begin a match. The degree may be too high, because only two neighbouring loops are compared
 * at a time.
 */
export function backtrackingDegree(node: Node): number {
  return growsExponentially(node) ? Infinity : polynomialDegree(node);
}

/** True for a degree of `Infinity`. */
export function growsExponentially(node: Node): boolean {
  return loopsOf(node) === 'nested' && isExponential(positionsOf(node, WRITTEN_OUT));
}

/** The degree of a pattern whose work does not grow exponentially. */
export function polynomialDegree(node: Node): number {
  const loops = loopsOf(node);
  if (loops === 'none') return 1;
  // A bounded repeat costs a constant factor at most, unless it is within another repeat.
  return Math.max(1, adjacentLoops(positionsOf(node, MAX_REPEAT), !isAnchored(node), loops === 'flat'));
}

/** True when every alternative begins with ^. */
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

/** Says whether the pattern repeats anything without a bound, and whether it repeats more than a single byte. */
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

/** True when two different ways around a loop read the same word: each turn doubles the ways to fail. */
function isExponential({ sets, next }: Positions): boolean {
  return loopsIn(next).some((loop) => {
    const within = next.map((followers, state) =>
      loop.has(state) ? followers.filter((each) => loop.has(each)) : [],
    );
    return [...loop].some((start) => isDouble(within[start], start) || forks(sets, within, start));
  });
}

/**
 * True when two walks that leave `start` with the same bytes can diverge, and return to `start` at the same time.
 *
 * @param next the followers within a loop of `start`
 */
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
        if (!overlaps(sets[x] ?? NONE, sets[y] ?? NONE)) continue;
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
