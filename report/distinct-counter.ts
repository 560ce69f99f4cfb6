/** 16 million bits (2 MB) keep the estimate within 1 % for up to fifty million distinct texts. */
const BITS = 1 << 24;

/**
 * Estimates the number of distinct texts in constant memory: each text sets one of many bits, and the share of unset
 * bits gives the number (linear counting: Whang et al., 1990).
 */
export class DistinctCounter {
  readonly #bits = new Uint8Array(BITS / 8);
  #unset = BITS;

  constructor(first: Iterable<string>) {
    for (const text of first) this.add(text);
  }

  add(text: string): void {
    const bit = hash(text) % BITS;
    const byte = bit >> 3;
    const before = this.#bits[byte] ?? 0;
    const after = before | (1 << (bit & 7));
    if (after === before) return;
    this.#bits[byte] = after;
    this.#unset--;
  }

  estimate(): number {
    return Math.round(BITS * Math.log(BITS / Math.max(1, this.#unset)));
  }
}

/** FNV-1a of the text's UTF-16 units, then MurmurHash3's final mix, because addresses differ in few bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
