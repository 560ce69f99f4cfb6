/**
 * A set of bytes: entry `c` is 1 when the byte `c` belongs to it. Log lines are handled as byte strings
 * (latin1), as OSSEC's C code does, so 256 entries describe every class of every dialect exactly.
 */
export type ByteSet = Uint8Array;

/** A set of the characters of `text`, where `a-z` stands for a range and a leading `-` for itself. */
export function bytes(text: string): ByteSet {
  const set = new Uint8Array(256);
  for (let i = 0; i < text.length; i++) {
    const first = text.charCodeAt(i);
    const isRange = text[i + 1] === '-' && i + 2 < text.length;
    const last = isRange ? text.charCodeAt(i + 2) : first;
    set.fill(1, first, last + 1);
    if (isRange) i += 2;
  }
  return set;
}

/** The set of one byte; the same object each time, so that results for it can be cached. */
export function oneByte(code: number): ByteSet {
  return SINGLE_BYTES[code] ?? new Uint8Array(256);
}

const SINGLE_BYTES: ByteSet[] = Array.from({ length: 256 }, (_, code) => {
  const set = new Uint8Array(256);
  set[code] = 1;
  return set;
});

export function complement(set: ByteSet): ByteSet {
  const others = new Uint8Array(256);
  for (let code = 0; code < 256; code++) others[code] = set[code] ? 0 : 1;
  return others;
}

export function union(a: ByteSet, b: ByteSet): ByteSet {
  const both = Uint8Array.from(a);
  for (let code = 0; code < 256; code++) if (b[code]) both[code] = 1;
  return both;
}

export function overlaps(a: ByteSet, b: ByteSet): boolean {
  for (let code = 0; code < 256; code++) if (a[code] && b[code]) return true;
  return false;
}

/**
 * The set with both cases of each ASCII letter in it; the set itself when it has both already. PCRE2 without UTF
 * folds ASCII only.
 */
export const withBothCases = remembered((set) => {
  const both = Uint8Array.from(set);
  for (let code = 65; code <= 90; code++) {
    if (set[code] || set[code + 32]) both[code] = both[code + 32] = 1;
  }
  return Buffer.compare(both, set) === 0 ? set : both;
});

/**
 * An equivalent set for a subject in lower case. The set may also contain capitals, although the subject has none: a
 * set of several letters is simpler with its capitals, a set of one letter is simpler without its capital.
 */
export const asLowerCase = remembered((set) => {
  const lower = new Uint8Array(256);
  for (let code = 0; code < 256; code++) {
    if (set[code]) lower[LOWER[code] ?? 0] = 1;
  }
  return lower.indexOf(1) === lower.lastIndexOf(1) ? lower : union(set, lower);
});

const LOWER = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code).toLowerCase().charCodeAt(0));

/** The only byte of the set, or -1 when there is none or several. */
export const onlyByte = remembered((set) => {
  const first = set.indexOf(1);
  return first === set.lastIndexOf(1) ? first : -1;
});

/** Caches the results of a function of byte sets. */
export function remembered<Result>(compute: (set: ByteSet) => Result): (set: ByteSet) => Result {
  const answers = new WeakMap<ByteSet, Result>();
  return (set) => {
    const known = answers.get(set);
    if (known !== undefined) return known;
    const answer = compute(set);
    answers.set(set, answer);
    return answer;
  };
}
