import { hexDigit } from '../../base/hex-digit.ts';

const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
const LETTER_X = 0x78;
/**
 * Stands for a character above U+00FF, which IIS writes as `%u` and four digits. No signature needs such a character.
 */
const OTHER = '?'.charCodeAt(0);

/** Decodes `%hh` and `%uhhhh` once. Keeps a `%` that begins neither. @returns bytes, one a character */
export function percentDecoded(text: string): string {
  let at = text.indexOf('%');
  if (at < 0) return text;
  let decoded = '';
  let start = 0;
  while (at >= 0 && at < text.length) {
    const isWide = (text.charCodeAt(at + 1) | 0x20) === LETTER_U;
    const from = isWide ? at + 2 : at + 1;
    const code = hexNumber(text, from, isWide ? 4 : 2);
    if (code >= 0) {
      decoded += text.slice(start, at) + String.fromCharCode(narrow(code));
      start = from + (isWide ? 4 : 2);
    }
    at = text.indexOf('%', Math.max(start, at + 1));
  }
  return start === 0 ? text : decoded + text.slice(start);
}

/** Decodes the reader's escapes: `\x5c` is one byte. */
export function withoutEscapes(text: string): string {
  let at = text.indexOf('\\');
  if (at < 0) return text;
  let plain = '';
  let start = 0;
  for (; at >= 0; at = text.indexOf('\\', at + 1)) {
    if (text.charCodeAt(at + 1) !== LETTER_X) continue;
    const code = hexNumber(text, at + 2, 2);
    if (code < 0) continue;
    plain += text.slice(start, at) + String.fromCharCode(code);
    start = at + 4;
  }
  return plain + text.slice(start);
}

/** Decodes `\u0024`, as JSON and Java write characters below U+0080. */
export function unicodeDecoded(text: string): string {
  if (!text.includes('\\u00')) return text;
  return text.replace(/\\u00([0-7][0-9a-f])/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/**
 * Decodes overlong UTF-8: `\xc0\xaf` is a slash, as are `\xe0\x80\xaf` and `\xf0\x80\x80\xaf`. No encoder writes
 * these, but some servers' decoders accept them.
 */
export function withoutOverlong(bytes: string): string {
  if (!MAY_BE_OVERLONG.test(bytes)) return bytes;
  return bytes.replace(OVERLONG, (sequence) => {
    const last = sequence.charCodeAt(sequence.length - 1) & 0x3f;
    const before = sequence.charCodeAt(sequence.length - 2);
    return String.fromCharCode(((before & (sequence.length === 2 ? 0x01 : 0x03)) << 6) | last);
  });
}

const MAY_BE_OVERLONG = /[\xc0\xc1\xe0\xf0]/;
const OVERLONG = /[\xc0\xc1][\x80-\xbf]|\xe0[\x80\x81][\x80-\xbf]|\xf0\x80[\x80\x81][\x80-\xbf]/g;

/**
 * Decodes the UTF-8 of characters that some servers treat as ASCII characters: full-width letters and signs, and other
 * dots and slashes.
 */
export function withoutLookalikes(bytes: string): string {
  if (!MAY_BE_LOOKALIKE.test(bytes)) return bytes;
  return bytes.replace(LOOKALIKE, (sequence) => {
    const [first = 0, second = 0, third = 0] = [...sequence].map((byte) => byte.charCodeAt(0));
    return String.fromCharCode(narrow(((first & 0x0f) << 12) | ((second & 0x3f) << 6) | (third & 0x3f)));
  });
}

const MAY_BE_LOOKALIKE = /[\xe2\xef]/;
/** U+FF01 to U+FF5E, U+2024, U+2044, U+2215 and U+2216. */
const LOOKALIKE = /\xef\xbc[\x81-\xbf]|\xef\xbd[\x80-\x9e]|\xe2\x80\xa4|\xe2\x81\x84|\xe2\x88[\x95\x96]/g;

/** Full-width letters and signs, which IIS treats as ASCII characters, and all other characters above a byte. */
function narrow(code: number): number {
  if (code <= 0xff) return code;
  if (code >= 0xff01 && code <= 0xff5e) return code - 0xfee0;
  if (code === 0x2024) return 0x2e;
  return code === 0x2215 || code === 0x2044 ? 0x2f : code === 0x2216 ? BACKSLASH : OTHER;
}

/** @returns -1 if the text has fewer hexadecimal digits */
function hexNumber(text: string, at: number, digits: number): number {
  let number = 0;
  for (let i = at; i < at + digits; i++) {
    const digit = hexDigit(text.charCodeAt(i));
    if (digit < 0) return -1;
    number = number * 16 + digit;
  }
  return number;
}
