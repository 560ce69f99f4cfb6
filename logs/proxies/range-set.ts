import { type Address, bitsOf } from '../../base/address.ts';
import type { Groups } from '../address-numbers.ts';

/**
 * A set of addresses and prefixes, searched by bisection. It is searched for each line of a log, so it takes numbers
 * instead of texts.
 */
export class RangeSet {
  /** The first and the last address of each range; the ranges neither overlap nor touch. */
  readonly #ipv4: Float64Array;
  /** The first and the last address of each IPv6 range; each address is four 32-bit words. */
  readonly #ipv6: Uint32Array;

  constructor(prefixes: readonly Address[]) {
    this.#ipv4 = Float64Array.from(rangesOf(prefixes, 4).flat(), Number);
    this.#ipv6 = Uint32Array.from(rangesOf(prefixes, 6).flat().flatMap(wordsOf));
  }

  /** @param address from 0 to 4294967295 */
  hasIpv4(address: number): boolean {
    const ranges = this.#ipv4;
    let low = 0;
    let high = ranges.length / 2;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ranges[2 * middle + 1] ?? 0) < address) low = middle + 1;
      else high = middle;
    }
    return low < ranges.length / 2 && (ranges[2 * low] ?? 0) <= address;
  }

  hasIpv6(address: Groups): boolean {
    const ranges = this.#ipv6;
    let low = 0;
    let high = ranges.length / 8;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(ranges, 8 * middle + 4, address) < 0) low = middle + 1;
      else high = middle;
    }
    return low < ranges.length / 8 && compare(ranges, 8 * low, address) <= 0;
  }
}

type Range = [first: bigint, last: bigint];

/** Sorts ranges, and joins ranges that overlap or touch. */
function rangesOf(prefixes: readonly Address[], family: 4 | 6): Range[] {
  const ranges = prefixes
    .filter((prefix) => prefix.family === family)
    .map(({ value, prefix }): Range => [value, value + (1n << BigInt(bitsOf(family) - prefix)) - 1n])
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const joined: Range[] = [];
  for (const [first, last] of ranges) {
    const before = joined.at(-1);
    if (before === undefined || first > before[1] + 1n) joined.push([first, last]);
    else if (last > before[1]) before[1] = last;
  }
  return joined;
}

const wordsOf = (address: bigint): number[] =>
  [96n, 64n, 32n, 0n].map((shift) => Number((address >> shift) & 0xffff_ffffn));

/** Less than 0 when the address at this index of the list comes before `address`; 0 when the two are equal. */
function compare(words: Uint32Array, at: number, address: Groups): number {
  for (let word = 0; word < 4; word++) {
    const other = (address[2 * word] ?? 0) * 65_536 + (address[2 * word + 1] ?? 0);
    const difference = (words[at + word] ?? 0) - other;
    if (difference !== 0) return difference;
  }
  return 0;
}
