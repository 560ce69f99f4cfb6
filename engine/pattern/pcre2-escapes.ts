import { type ByteSet, bytes, complement, oneByte } from './byte-set.ts';
import { PatternError } from './syntax.ts';

const DIGIT = bytes('0-9');
const SPACE = bytes(' \t\n\v\f\r');
const WORD = bytes('A-Za-z0-9_');
const HORIZONTAL = bytes(' \t\xa0');
const VERTICAL = bytes('\n\v\f\r\x85');

const CLASSES: Readonly<Record<string, ByteSet>> = {
  d: DIGIT,
  D: complement(DIGIT),
  s: SPACE,
  S: complement(SPACE),
  w: WORD,
  W: complement(WORD),
  h: HORIZONTAL,
  H: complement(HORIZONTAL),
  v: VERTICAL,
  V: complement(VERTICAL),
  N: complement(oneByte(10)),
};

const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, f: 12, r: 13, a: 7, e: 27, 0: 0 };

export const POSIX_CLASSES: Readonly<Record<string, ByteSet>> = {
  alnum: bytes('A-Za-z0-9'),
  alpha: bytes('A-Za-z'),
  blank: bytes(' \t'),
  cntrl: bytes('\x00-\x1f\x7f'),
  digit: DIGIT,
  graph: bytes('!-~'),
  lower: bytes('a-z'),
  print: bytes(' -~'),
  punct: bytes('!-/:-@[-`{-~'),
  space: SPACE,
  upper: bytes('A-Z'),
  word: WORD,
  xdigit: bytes('0-9A-Fa-f'),
};

/**
 * The byte set of an escape.
 *
 * @param char the character after the backslash
 * @param rest the text after `char`; only \x reads it. `length` is the number of its characters in the escape
 * @throws PatternError for an escape that PCRE2 or the engine does not know
 */
export function escapedSet(char: string, rest: string): { set: ByteSet; length: number } {
  const named = CLASSES[char];
  if (named) return { set: named, length: 0 };
  const control = CONTROLS[char];
  if (control !== undefined) return { set: oneByte(control), length: 0 };
  if (char === 'x') {
    const hex = /^\{([0-9A-Fa-f]{1,2})\}|^([0-9A-Fa-f]{0,2})/.exec(rest);
    const digits = hex?.[1] ?? hex?.[2] ?? '';
    return { set: oneByte(Number.parseInt(digits || '0', 16)), length: hex?.[0].length ?? 0 };
  }
  if (/[A-Za-z]/.test(char)) throw new PatternError(`escape \\${char} is not supported`);
  return { set: oneByte(char.charCodeAt(0)), length: 0 };
}
