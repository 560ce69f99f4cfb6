import { hexDigit } from '../../base/hex-digit.ts';

/**
 * Canonical text: printable ASCII, in which every other byte, `"` and `\` are written as `\xhh` (lower case). In words,
 * spaces are written in the same way; texts between quotes, such as a user agent, keep their spaces.
 */

const PLAIN_WORD = /^[!#-[\]-~]*$/;
const PLAIN_TEXT = /^[ !#-[\]-~]*$/;
const BACKSLASH = 0x5c;

/** @param text as Apache and nginx log it: `\"`, `\\`, `\n`, `\x1f`, `\u001F` */
export const wordFromLog = (text: string): string => (PLAIN_WORD.test(text) ? text : unescaped(text, 0x21));

/** Like `wordFromLog`, but keeps spaces. */
export const textFromLog = (text: string): string => (PLAIN_TEXT.test(text) ? text : unescaped(text, 0x20));

/** @param text bytes as they are, or characters, which become their UTF-8 bytes when they are above U+00FF */
export const wordFromBytes = (text: string): string => (PLAIN_WORD.test(text) ? text : escaped(text, 0x21));

/** Like `wordFromBytes`, but keeps spaces. */
export const textFromBytes = (text: string): string => (PLAIN_TEXT.test(text) ? text : escaped(text, 0x20));

/** Decodes the escapes in a text that Apache or nginx has logged. @returns its bytes, one a character */
export function bytesFromLog(text: string): string {
  if (!text.includes('\\')) return text;
  const bytes = makeRoom(text.length);
  let length = 0;
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    const { byte, width } = code === BACKSLASH ? escapeAt(text, at) : { byte: code, width: 1 };
    bytes[length++] = byte;
    at += width;
  }
  return textOf(bytes, length);
}

/**
 * Decodes the bytes that a program has written as a sign and two hexadecimal digits: `%20`, `#22`.
 * @returns a text of bytes, one a character
 */
export function bytesFromHex(text: string, sign: '%' | '#'): string {
  let at = text.indexOf(sign);
  if (at < 0) return text;
  const code = sign.charCodeAt(0);
  const bytes = makeRoom(text.length);
  let length = bytes.write(text.slice(0, at), 'latin1');
  while (at < text.length) {
    const here = text.charCodeAt(at);
    const byte = here === code ? hexByte(text, at + 1) : -1;
    bytes[length++] = byte < 0 ? here : byte;
    at += byte < 0 ? 1 : 3;
  }
  return textOf(bytes, length);
}

const LETTERS: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, b: 8, v: 11, f: 12, a: 7, '0': 0 };

/** The buffer for a text that is being written, one byte a character. An escaped byte takes four. */
let written = Buffer.alloc(4 * 8192);
const HEX = '0123456789abcdef';

/** Makes the buffer large enough: a character is at most three bytes of UTF-8, and each may be escaped. */
function makeRoom(characters: number): Buffer {
  if (written.length < characters * 12) written = Buffer.alloc(characters * 12);
  return written;
}

/** Returns the text. If the buffer has become unusually large, replaces it by a smaller one. */
function textOf(bytes: Buffer, length: number): string {
  const text = bytes.toString('latin1', 0, length);
  if (bytes.length > LARGE) written = Buffer.alloc(LARGE);
  return text;
}

const LARGE = 1 << 20;

function unescaped(text: string, lowest: number): string {
  const bytes = makeRoom(text.length);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code !== BACKSLASH) {
      length = write(bytes, length, code, lowest);
      continue;
    }
    const { byte, width } = escapeAt(text, i);
    length = write(bytes, length, byte, lowest);
    i += width - 1;
  }
  return textOf(bytes, length);
}

/**
 * The byte that a backslash and the characters after it stand for. A backslash that escapes nothing stands for itself.
 */
function escapeAt(text: string, at: number): { readonly byte: number; readonly width: number } {
  const next = text[at + 1] ?? '';
  if (next === '"' || next === '\\') return { byte: next.charCodeAt(0), width: 2 };
  if (next === 'x') {
    const byte = hexByte(text, at + 2);
    if (byte >= 0) return { byte, width: 4 };
  }
  // nginx's escape=json; nothing else writes a `u` after a backslash.
  if (next === 'u' && text.startsWith('00', at + 2)) {
    const byte = hexByte(text, at + 4);
    if (byte >= 0) return { byte, width: 6 };
  }
  const letter = LETTERS[next];
  return letter === undefined ? { byte: BACKSLASH, width: 1 } : { byte: letter, width: 2 };
}

function escaped(text: string, lowest: number): string {
  const bytes = makeRoom(text.length);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code <= 0xff) {
      length = write(bytes, length, code, lowest);
      continue;
    }
    const point = text.codePointAt(i) ?? code;
    if (point > 0xffff) i++;
    for (const byte of Buffer.from(String.fromCodePoint(point))) length = writeHex(bytes, length, byte);
  }
  return textOf(bytes, length);
}

/** @returns the length after the byte was written */
function write(bytes: Buffer, length: number, code: number, lowest: number): number {
  const isPlain = code >= lowest && code <= 0x7e && code !== 0x22 && code !== BACKSLASH;
  if (!isPlain) return writeHex(bytes, length, code & 0xff);
  bytes[length] = code;
  return length + 1;
}

function writeHex(bytes: Buffer, length: number, byte: number): number {
  bytes[length] = BACKSLASH;
  bytes[length + 1] = LETTER_X;
  bytes[length + 2] = HEX.charCodeAt(byte >> 4);
  bytes[length + 3] = HEX.charCodeAt(byte & 15);
  return length + 4;
}

const LETTER_X = 0x78;

/** @returns -1 for anything but two hexadecimal digits */
function hexByte(text: string, at: number): number {
  const high = hexDigit(text.charCodeAt(at));
  const low = hexDigit(text.charCodeAt(at + 1));
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}
