import { Count } from './count.ts';
import { DistinctCounter } from './distinct-counter.ts';
import { ownCopy } from './own-copy.ts';

/**
 * Counts by name in bounded memory. If there are too many names, it drops the half with the lowest counts; of equal
 * counts, it drops the oldest first. A dropped name that returns begins at 0, so a count is too small by at most
 * `short`, and frequent names are never dropped.
 */
export class TopK {
  #counts = new Map<string, Count>();
  #different: DistinctCounter | undefined;
  /** A count may be too small by at most this number. */
  short = 0;

  /** @param most the maximum number of names at once */
  constructor(private readonly most: number) {}

  /** The count of a name; a new count if it has none. */
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

  /** The number of distinct names; an estimate if names were dropped. */
  get different(): number {
    return this.#different?.estimate() ?? this.#counts.size;
  }

  [Symbol.iterator](): IterableIterator<[string, Count]> {
    return this.#counts.entries();
  }

  /** The names with the highest counts, at most this many. */
  top(most: number): [string, Count][] {
    return [...this.#counts].sort(([, a], [, b]) => b.alerts - a.alerts).slice(0, most);
  }

  #forgetHalf(): void {
    this.#different ??= new DistinctCounter(this.#counts.keys());
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
