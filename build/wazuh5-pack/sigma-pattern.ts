import type { ByteSet } from '../../engine/pattern/byte-set.ts';
import { parsePcre2 } from '../../engine/pattern/parse-pcre2.ts';
import type { Node } from '../../engine/pattern/syntax.ts';

/**
 * A pattern of the list of attacks in a Sigma rule of Wazuh 5: a text, or a regular expression. The decoder has decoded
 * the fields, made their letters lower case, and written `\` as `/`.
 */
export interface SigmaPattern {
  /** The modifier of the field. */
  readonly modifier: 'contains' | 're';
  readonly value: string;
}

/**
 * Converts a regular expression of the list.
 *
 * @returns undefined for an expression that Sigma's form cannot contain: with a look-around before its end, or with
 * bytes that are not text
 */
export function sigmaPattern(source: string): SigmaPattern | undefined {
  const node = parsePcre2(source, true);
  const items = node.kind === 'sequence' ? node.items : [node];
  try {
    const text = plainText(items);
    if (text !== undefined) return { modifier: 'contains', value: text };
    return { modifier: 're', value: wholeText(items) };
  } catch (error) {
    if (error instanceof NotExpressible) return undefined;
    throw error;
  }
}

class NotExpressible extends Error {}

/** The text of a pattern without alternatives and repeats; undefined for other patterns. */
function plainText(items: readonly Node[]): string | undefined {
  const codes = items.map((item) => (item.kind === 'byte' ? onlyCode(item.set) : undefined));
  return codes.every((code) => code !== undefined) ? codes.map(sigmaCharacter).join('') : undefined;
}

/**
 * A character of a text in Sigma, where `*`, `?` and `\` are operators. A space becomes `?`, any character, because the
 * log may hold a `+` instead.
 */
function sigmaCharacter(code: number): string {
  if (code === 0) return '%00';
  if (code === 0x20) return '?';
  if (code === BACKSLASH) return '/';
  const character = String.fromCharCode(code);
  return '*?'.includes(character) ? `\\${character}` : character;
}

/** A text of the list, such as the TEXT of a path, as a value in Sigma. */
export const sigmaText = (text: string): string =>
  [...text].map((character) => sigmaCharacter(character.charCodeAt(0))).join('');

/**
 * An expression for the whole field, because Lucene compares the whole field. The expression has no `\`, `/` or space:
 * Wazuh would double a `\`, a `/` would end the expression in Lucene's query, and a space would become a word.
 */
function wholeText(items: readonly Node[]): string {
  const [first, ...others] = items;
  const last = others.at(-1);
  const before = beforeText(first);
  const after = afterText(last);
  const middle = items.slice(before === undefined ? 0 : 1, after === undefined ? undefined : -1);
  return `${before ?? '.*'}${middle.map(inGroup).join('')}${after ?? '.*'}`;
}

/** The text for `^` or `(?:^|[?&])` at the beginning; undefined for another beginning. */
function beforeText(node: Node | undefined): string | undefined {
  if (node === undefined) return undefined;
  if (isEdge(node, 'start')) return '';
  const choice = bare(node);
  if (choice.kind !== 'choice' || !choice.options.some((option) => isEdge(option, 'start'))) return undefined;
  const others = choice.options.filter((option) => !isEdge(option, 'start'));
  return `(.*${inGroup({ kind: 'choice', options: others })})?`;
}

/** The text for `$` or `(?![\w.])` at the end; undefined for another end. */
function afterText(node: Node | undefined): string | undefined {
  if (node === undefined) return undefined;
  if (isEdge(node, 'end')) return '';
  if (node.kind !== 'look' || node.behind || !node.negative) return undefined;
  const item = bare(node.item);
  return item.kind === 'byte' ? `(${anyOf(item.set.map((is) => 1 - is) as ByteSet)}.*)?` : undefined;
}

function isEdge(node: Node, at: 'start' | 'end'): boolean {
  const inner = bare(node);
  return inner.kind === 'edge' && inner.at === at;
}

/** The item of a group, or of a sequence of one item; other nodes unchanged. */
function bare(node: Node): Node {
  if (node.kind === 'capture') return bare(node.item);
  const [only, ...others] = node.kind === 'sequence' ? node.items : [];
  return only !== undefined && others.length === 0 ? bare(only) : node;
}

const inGroup = (node: Node): string => (node.kind === 'choice' ? `(${written(node)})` : written(node));

function written(node: Node): string {
  switch (node.kind) {
    case 'byte':
      return anyOf(node.set);
    case 'sequence':
      return node.items.map(inGroup).join('');
    case 'choice':
      return node.options.map(written).join('|');
    case 'capture':
      return `(${written(node.item)})`;
    case 'repeat': {
      const item = node.item.kind === 'byte' ? anyOf(node.item.set) : `(${written(node.item)})`;
      return `${item}${bounds(node.min, node.max)}`;
    }
    default:
      throw new NotExpressible();
  }
}

/** Higher upper limits of a repeat are left out, because Lucene refuses an expression with too many states. */
const LONGEST_REPEAT = 8;

function bounds(min: number, most: number): string {
  const max = most > LONGEST_REPEAT ? Number.POSITIVE_INFINITY : most;
  if (max === Number.POSITIVE_INFINITY) return min === 0 ? '*' : min === 1 ? '+' : `{${min},}`;
  if (min === 0 && max === 1) return '?';
  return min === max ? `{${min}}` : `{${min},${max}}`;
}

const BACKSLASH = 0x5c;
const SLASH = 0x2f;
const [FIRST, LAST] = [0x21, 0x7e];

/**
 * Classes for characters that an expression cannot name: a class excludes the visible characters of ASCII that it must
 * not match.
 */
const INSTEAD: Readonly<Record<string, string>> = {
  '/': '[^!-.0-~]',
  '[': '[^!-Z^-~]',
  ']': '[^!-Z^-~]',
  '-': '-',
};

/** Spaces, control characters and letters beyond ASCII. */
const OTHERS = '[^!-~]';
/** The characters of OTHERS, and `+`, which is a space in a query. */
const SPACE = '[^!-*,-~]';

/** An expression for one character of a set. */
function anyOf(set: ByteSet): string {
  if (onlyCode(set) === 0) return '%00';
  if (onlyCode(set) === 0x20) return SPACE;
  const has = (code: number) => set[code] === 1 || (code === SLASH && set[BACKSLASH] === 1);
  const wanted = Array.from({ length: LAST - FIRST + 1 }, (_, index) => FIRST + index).filter(
    (code) => has(code) && code !== BACKSLASH && !isCapital(code),
  );
  if (wanted.length === 0 && set[0x20] !== 1) throw new NotExpressible();
  const instead = [
    ...new Set(wanted.flatMap((code) => INSTEAD[String.fromCharCode(code)] ?? [])),
    ...(set[0x20] === 1 ? [set[0x2b] === 1 ? OTHERS : SPACE] : []),
  ];
  const ranges = rangesOf(wanted.filter((code) => INSTEAD[String.fromCharCode(code)] === undefined));
  const options = [...(ranges === '' ? [] : [ranges]), ...instead];
  return options.length === 1 ? (options[0] ?? '') : `(${options.join('|')})`;
}

/** A class, or a single character that is none of the signs of an expression. */
function rangesOf(codes: readonly number[]): string {
  if (codes.length === 0) return '';
  const parts: string[] = [];
  for (let at = 0; at < codes.length; ) {
    let end = at;
    while (codes[end + 1] === (codes[end] ?? 0) + 1) end++;
    const [first, last] = [codes[at], codes[end]].map((code) => String.fromCharCode(code ?? 0));
    parts.push(
      end - at > 1
        ? `${first}-${last}`
        : codes
            .slice(at, end + 1)
            .map((code) => String.fromCharCode(code))
            .join(''),
    );
    at = end + 1;
  }
  const [only = ''] = parts;
  if (parts.length === 1 && /^[a-z0-9_%,:;=!']$/.test(only)) return only;
  // At the beginning `^` would negate the class.
  const text = parts.join('');
  if (text === '^') throw new NotExpressible();
  return text.startsWith('^') ? `[${text.slice(1)}^]` : `[${text}]`;
}

function onlyCode(set: ByteSet): number | undefined {
  const codes = [...set.keys()].filter((code) => set[code] === 1 && !isCapital(code));
  return codes.length === 1 && (codes[0] ?? 0x80) < 0x80 ? codes[0] : undefined;
}

const isCapital = (code: number): boolean => code >= 0x41 && code <= 0x5a;
