import { DifferentOnes } from './different-ones.ts';

/** What is counted of something, at the least. */
export interface Counted {
  alerts: number;
}

/**
 * Counts by name, in bounded memory: when there are too many names, the half that was met least, and of those
 * the ones that came first, is forgotten. What comes again after that begins at 0, so a count is too small by
 * `short` at the most, and who is met often is never forgotten.
 */
export class MostMet<Entry extends Counted> {
  #entries = new Map<string, Entry>();
  #different: DifferentOnes | undefined;
  /** By how much a count may be too small at the most. */
  short = 0;

  /** @param most names at once */
  constructor(
    private readonly most: number,
    private readonly create: () => Entry,
  ) {}

  /** The entry of a name, a new one where there is none. */
  of(name: string): Entry {
    const known = this.#entries.get(name);
    if (known !== undefined) return known;
    if (this.#entries.size >= this.most) this.#forgetHalf();
    const entry = this.create();
    const own = ownText(name);
    this.#entries.set(own, entry);
    this.#different?.add(own);
    return entry;
  }

  get isExact(): boolean {
    return this.#different === undefined;
  }

  /** How many different names there were; an estimate once some were forgotten. */
  get different(): number {
    return this.#different?.estimate() ?? this.#entries.size;
  }

  [Symbol.iterator](): IterableIterator<[string, Entry]> {
    return this.#entries.entries();
  }

  /** The entries met most often, at most so many. @param count what the order goes by */
  top(most: number, count: (entry: Entry) => number = ({ alerts }) => alerts): [string, Entry][] {
    return [...this.#entries].sort(([, a], [, b]) => count(b) - count(a)).slice(0, most);
  }

  #forgetHalf(): void {
    this.#different ??= new DifferentOnes(this.#entries.keys());
    const counts = Uint32Array.from(this.#entries.values(), ({ alerts }) => alerts).sort();
    const half = Math.ceil(counts.length / 2);
    const limit = counts[half - 1] ?? 0;
    this.short += limit;
    let equal = half - lowerBound(counts, limit);
    const kept = new Map<string, Entry>();
    for (const [name, entry] of this.#entries) {
      const goes = entry.alerts < limit || (entry.alerts === limit && equal-- > 0);
      if (!goes) kept.set(name, entry);
    }
    this.#entries = kept;
  }
}

/** The index of the first number that is not smaller. */
function lowerBound(sorted: Uint32Array, limit: number): number {
  const index = sorted.indexOf(limit);
  return index < 0 ? sorted.length : index;
}

/** The same text in memory of its own: a piece of a long line would keep the line alive. */
const ownText = (text: string): string => (text.length < 13 ? text : Buffer.from(text).toString());
