import type { ByteSet } from '../../engine/pattern/byte-set.ts';
import { parsePcre2 } from '../../engine/pattern/parse-pcre2.ts';
import type { Node } from '../../engine/pattern/syntax.ts';

/**
 * Converts a regular expression for decoded text into one for the raw text of a log, where signs may also be
 * percent-encoded, once or twice, and a space may be `+`. The result matches letters and digits only if they are plain,
 * so that it stays short.
 *
 * @param source in the syntax of the list of attacks
 */
export const rawPattern = (source: string): string => inGroup(parsePcre2(source, true));

/** The gap between two words of SQL: spaces, comments and brackets, plain or percent-encoded. */
const GAP = '(?:[^%a-z\\x26]|%[0-9a-f]{2}){1,40}';

/**
 * Converts as `rawPattern` does, but into pieces, so that several patterns can share their common first pieces. A `^`
 * at the beginning is a separate piece.
 */
export const rawTokens = (source: string): string[] =>
  BY_HAND.find(([beginning]) => source.startsWith(beginning))?.[1].slice() ?? tokensOf(source, rawSet);

/**
 * Hand-written patterns, by the beginning of the source. A generated pattern would match an encoded sign in two ways
 * within a loop, so that matching could take exponential time.
 */
const BY_HAND: readonly (readonly [beginning: string, tokens: readonly string[]])[] = [
  ['union(', ['union', GAP, `(?:(?:all|distinct)${GAP})?`, 'select', '(?![\\w-])']],
];

/**
 * Converts an expression into pieces for a header. A header is not decoded, so only the signs that XML reserves are
 * escaped.
 */
export const headerTokens = (source: string): string[] => tokensOf(source, setText);

function tokensOf(source: string, ofSet: WriteSet): string[] {
  const node = parsePcre2(source, true);
  const items = node.kind === 'sequence' ? node.items : [node];
  return items.map((item) => inGroup(item, ofSet));
}

type WriteSet = (set: ByteSet) => string;

/** Writes an expression that can be part of any other expression: puts alternatives into a group. */
function inGroup(node: Node, ofSet: WriteSet = rawSet): string {
  const text = written(node, ofSet);
  return node.kind === 'choice' ? `(?:${text})` : text;
}

function written(node: Node, ofSet: WriteSet): string {
  switch (node.kind) {
    case 'byte':
      return ofSet(node.set);
    case 'sequence':
      return node.items.map((item) => inGroup(item, ofSet)).join('');
    case 'choice':
      return node.options.map((option) => written(option, ofSet)).join('|');
    case 'capture':
      return `(?:${written(node.item, ofSet)})`;
    case 'repeat':
      return repeated(node, ofSet);
    case 'edge':
      if (node.at === 'start') return '^';
      // OSSEC would read a `$` before a word as a variable.
      if (node.at === 'end') return '(?!.)';
      throw new Error(`an attack's pattern cannot have the edge '${node.at}'`);
    case 'look':
      // Write plain signs only: in a look-around, an encoded sign would count as several characters.
      return `(?${node.behind ? '<' : ''}${node.negative ? '!' : '='}${written(node.item, setText)})`;
    case 'back':
      throw new Error(`an attack's pattern cannot refer to a group`);
  }
}

function repeated({ item, min, max }: Node & { kind: 'repeat' }, ofSet: WriteSet): string {
  const text = written(item, ofSet);
  const isAtom =
    item.kind === 'byte' && (text.length === 1 || /^(?:\\.|\\x..|\[[^\]]*\]|\(\?:.*\))$/.test(text));
  return `${isAtom ? text : `(?:${text})`}${bounds(min, max)}`;
}

function bounds(min: number, max: number): string {
  if (max === Number.POSITIVE_INFINITY) return min === 0 ? '*' : min === 1 ? '+' : `{${min},}`;
  if (min === 0 && max === 1) return '?';
  return min === max ? `{${min}}` : `{${min},${max}}`;
}

/** A set with more characters than this is not extended: it already contains the characters of an encoded sign. */
const MANY = 128;

function rawSet(set: ByteSet): string {
  const codes = codesIn(set);
  const plain = setText(set);
  if (codes.length > MANY) return plain;
  // Web servers log a byte beyond ASCII as four signs, such as \xff.
  if (codes.every((code) => code >= 0x80)) return `(?:(?:\\\\x|%(?:25)?)${oneOf(codes.map(hex))})`;
  const signs = codes.filter((code) => code < 0x80 && !isWordByte(code));
  if (signs.length === 0) return plain;
  const encoded = `%(?:25)?${oneOf(signs.map(hex))}`;
  if (signs.includes(0x20)) return SPACE;
  const overlong = signs.flatMap((code) => OVERLONG[code] ?? []);
  if (overlong.length > 0) return `(?:${[plain, encoded, ...overlong].join('|')})`;
  return plain === '\\x00' ? `(?:${encoded})` : `(?:${plain}|${encoded})`;
}

const SPACE = '(?:[\\s+]|%(?:25)?(?:20|0[9ad]))';

/** Spellings of dot and slash that only vulnerable servers decode. */
const OVERLONG: Readonly<Record<number, readonly string[]>> = {
  46: ['%%32%65', '%c0%ae'],
  47: ['%c0%af'],
};

/** A class of plain characters. Letters are in lower case, because the patterns ignore case. */
function setText(set: ByteSet): string {
  const codes = codesIn(set);
  if (codes.length > MANY) return `[^${classText(codesIn(set.map((is) => (is ? 0 : 1)) as ByteSet))}]`;
  const lower = [...new Set(codes.map((code) => String.fromCharCode(code).toLowerCase().charCodeAt(0)))];
  const [only] = lower;
  if (lower.length === 1 && only !== undefined) return literal(only);
  return `[${classText(codes)}]`;
}

function classText(codes: readonly number[]): string {
  const lower = codes.filter((code) => code < 0x41 || code > 0x5a || !codes.includes(code + 32));
  const parts: string[] = [];
  for (let at = 0; at < lower.length; ) {
    let end = at;
    while (lower[end + 1] === (lower[end] ?? 0) + 1) end++;
    const first = inClass(lower[at] ?? 0);
    const last = inClass(lower[end] ?? 0);
    parts.push(
      end - at > 1
        ? `${first}-${last}`
        : lower
            .slice(at, end + 1)
            .map(inClass)
            .join(''),
    );
    at = end + 1;
  }
  return parts.join('');
}

const codesIn = (set: ByteSet): number[] => [...set.keys()].filter((code) => set[code] === 1);

const isWordByte = (code: number): boolean => /\w/.test(String.fromCharCode(code));

const inClass = (code: number): string =>
  isWordByte(code) ? String.fromCharCode(code) : escapedSign(code, /[\s!"',./:;=@`~]/);

/** One character of a pattern. Signs that XML reserves are written as `\xNN`. */
export const literal = (code: number): string =>
  isWordByte(code) ? String.fromCharCode(code) : escapedSign(code, /[!"',/:;=@`~#%-]/);

function escapedSign(code: number, plain: RegExp): string {
  const character = String.fromCharCode(code);
  if (code <= 0x20 || code > 0x7e || '<>&$'.includes(character)) return `\\x${hex(code)}`;
  return plain.test(character) ? character : `\\${character}`;
}

/** A byte as two hexadecimal digits. */
export const hex = (code: number): string => code.toString(16).padStart(2, '0');

/** Joins alternatives to `(?:a|b)`; returns a single one unchanged. */
export const oneOf = (texts: readonly string[]): string =>
  texts.length === 1 ? (texts[0] ?? '') : `(?:${texts.join('|')})`;
