import { Count } from './count.ts';
import { DifferentOnes } from './different-ones.ts';
import { ownCopy } from './own-copy.ts';

/**
 * Counts by name, in bounded memory: when there are too many names, the half that was met least, and of those
 * the ones that came first, is forgotten. What comes again after that begins at 0, so a count is too small by
 * `short` at the most, and who is met often is never forgotten.
 */
export class MostMet {
  #counts = new Map<string, Count>();
  #different: DifferentOnes | undefined;
  /** By how much a count may be too small at the most. */
  short = 0;

  /** @param most names at once */
  constructor(private readonly most: number) {}

  /** The count of a name, a new one where there is none. */
  of(name: string): Count {
    const known = this.#counts.get(name);
    if (known !== undefined) return known;
    if (this.#counts.size >= this.most) this.#forgetHalf();
    const count = new Count(ownCopy(name));
    this.#counts.set(count.name, count);
    this.#different?.add(count.name);
    return count;
  }

  get isExact(): boolean {
    return this.#different === undefined;
  }

  /** How many different names there were; an estimate once some were forgotten. */
  get different(): number {
    return this.#different?.estimate() ?? this.#counts.size;
  }

  [Symbol.iterator](): IterableIterator<[string, Count]> {
    return this.#counts.entries();
  }

  /** The names met most often, at most so many. */
  top(most: number): [string, Count][] {
    return [...this.#counts].sort(([, a], [, b]) => b.alerts - a.alerts).slice(0, most);
  }

  #forgetHalf(): void {
    this.#different ??= new DifferentOnes(this.#counts.keys());
    const sorted = new Uint32Array(this.#counts.size);
    let at = 0;
    for (const { alerts } of this.#counts.values()) sorted[at++] = alerts;
    sorted.sort();
    const half = Math.ceil(sorted.length / 2);
    const limit = sorted[half - 1] ?? 0;
    this.short += limit;
    let equal = half - sorted.indexOf(limit);
    for (const [name, { alerts }] of this.#counts)
      if (alerts < limit || (alerts === limit && equal-- > 0)) this.#counts.delete(name);
  }
}
