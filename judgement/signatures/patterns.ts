import type { SignatureKind } from './signature.ts';

/** A parsed pattern of the list. */
export class CompiledPattern {
  #expression: RegExp | undefined;
  #leftmost: RegExp | undefined;

  /**
   * @param word in lower case: every matching text contains it. The scanner searches only for this word
   * @param isWordOfPath true if the path contains the word; false if a query or a header may contain it
   * @param source a regular expression that must match the whole path, or for other kinds a part of the text
   * @param queryText a text that the decoded query must contain; empty for any query
   * @param method the method that a request must have; undefined for any
   */
  constructor(
    readonly word: string,
    readonly isWordOfPath: boolean,
    readonly source: string,
    readonly queryText = '',
    readonly method: string | undefined = undefined,
  ) {}

  /** Compiled at the first use, because most expressions are never used. */
  get expression(): RegExp {
    this.#expression ??= new RegExp(this.source, 's');
    return this.#expression;
  }

  /**
   * Returns the folders in front of the leftmost place where the pattern of a path matches; `/` if there are none, and
   * undefined if it does not match.
   */
  inFront(path: string): string | undefined {
    this.#leftmost ??= new RegExp(this.source.replace(ANY_FOLDERS, '^(?:(?<front>.*?)/)??'), 's');
    const match = this.#leftmost.exec(path);
    return match === null ? undefined : match.groups?.front || '/';
  }
}

/** @throws Error describing the defect of the pattern, such as the syntax of a regular expression */
export function compilePattern(kind: SignatureKind, pattern: string): CompiledPattern {
  if (kind === 'path') return compilePath(pattern);
  if (kind === 'agent') return compileAgent(pattern);
  const word = longEnough(requiredWord(pattern));
  return new CompiledPattern(word, false, new RegExp(pattern, 's').source);
}

/**
 * Parses `[METHOD ]PATH[?TEXT]`. In a path `*` stands for characters of one segment, and `**` for any number of
 * segments; the query must contain the text after `?`.
 */
function compilePath(pattern: string): CompiledPattern {
  const [, method, path = '', queryText = ''] = /^(?:([A-Z]+) )?([^?]*)(?:\?(.*))?$/.exec(pattern) ?? [];
  if (!/^(?:\/|\*\*(?:\/|$))/.test(path)) throw new Error(`the path must begin with '/' or '**/'`);
  if (path !== path.toLowerCase() || queryText !== queryText.toLowerCase())
    throw new Error('path and text must be in lower case');
  if (/.\/$|\/\/|\/\.{1,2}(?:\/|$)/.test(path))
    throw new Error('the path must not contain dot segments or double slashes, or end with a slash');
  const ofPath = longest(path.split(/\*+/).map((word) => word.replace(/(.)\/$/, '$1')));
  const ofQuery = longest(queryText.split(' '));
  const isWordOfPath = ofPath.length >= ofQuery.length;
  const word = longEnough(isWordOfPath ? ofPath : ofQuery);
  return new CompiledPattern(word, isWordOfPath, pathExpression(path), queryText, method);
}

function pathExpression(path: string): string {
  const source = path
    .split(/(\*\*\/|\/\*\*$|\*\*$|\*)/)
    .map((part) => PATH_WILDCARDS[part] ?? escaped(part))
    .join('');
  return `^${source}${SCRIPT.test(path) ? '(?:/|$)' : '$'}`;
}

/** Servers run a program with any path after its name: `/a.php/b` runs `a.php`. */
const SCRIPT = /\.(?:php\d?|phtml|aspx?|ashx|asmx|jspx?|cfm|cfc|cgi|pl|py|sh|exe|dll)$/;

/** The expression for a `**` at the beginning of a pattern. */
const ANY_FOLDERS = /^\^\(\?:\.\*\/\)\?/;

const PATH_WILDCARDS: Readonly<Record<string, string>> = {
  '**/': '(?:.*/)?',
  '/**': '(?:/.*)?',
  '**': '.*',
  '*': '[^/]*',
};

/** Compiles `TEXT`, a word of the user agent, or `=TEXT`, the whole user agent. */
function compileAgent(pattern: string): CompiledPattern {
  const isWhole = pattern.startsWith('=');
  const text = isWhole ? pattern.slice(1) : pattern;
  const source = isWhole ? `^${escaped(text)}$` : `(?<![a-z0-9])${escaped(text)}(?![a-z0-9])`;
  return new CompiledPattern(longEnough(text), false, source);
}

/** A short word would send ordinary requests to the slow comparison. Two punctuation characters in a row are rare enough. */
function longEnough(word: string): string {
  if (word.length >= 3 || /^[^a-z0-9]{2}$/.test(word)) return word;
  throw new Error(
    'the pattern needs three plain characters in a row, or two punctuation characters in a row',
  );
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/**
 * Returns the longest word that every match of a regular expression contains: plain characters outside of groups and
 * classes. A space ends a word, because a query may encode it as `+`.
 *
 * @throws Error if an alternative is outside of a group
 */
export function requiredWord(source: string): string {
  const words = [''];
  for (let at = 0; at < source.length; ) {
    const char = source.charAt(at);
    const end = endOfPiece(source, at);
    const literal = literalOf(source.slice(at, end));
    const [isOptional, next] = quantifierAt(source, end);
    if (char === '|')
      throw new Error(
        'an alternative outside of a group is not allowed; write each alternative on its own line',
      );
    if (literal === undefined || isOptional) words.push('');
    else words[words.length - 1] += literal;
    if (next > end) words.push('');
    at = next;
  }
  return longest(words);
}

/** Returns the end of the group, class, escape or character that begins here. */
function endOfPiece(source: string, at: number): number {
  const char = source.charAt(at);
  if (char === '\\') return at + (source.charAt(at + 1) === 'x' ? 4 : 2);
  if (char === '[') return endOfClass(source, at);
  if (char !== '(') return at + 1;
  let depth = 0;
  for (let i = at; i < source.length; i++) {
    const here = source.charAt(i);
    if (here === '\\') i++;
    else if (here === '[') i = endOfClass(source, i) - 1;
    else if (here === '(') depth++;
    else if (here === ')' && --depth === 0) return i + 1;
  }
  return source.length;
}

function endOfClass(source: string, at: number): number {
  for (let i = at + 1; i < source.length; i++) {
    if (source.charAt(i) === '\\') i++;
    else if (source.charAt(i) === ']') return i + 1;
  }
  return source.length;
}

/** @returns undefined for a piece that is not a plain character */
function literalOf(piece: string): string | undefined {
  if (piece.length === 1) return /[\^$.| ]/.test(piece) ? undefined : piece;
  return /^\\[^a-zA-Z0-9]$/.test(piece) ? piece.slice(1) : undefined;
}

/** Returns whether the previous piece may be missing, and where the expression continues. */
function quantifierAt(source: string, at: number): [isOptional: boolean, next: number] {
  const [quantifier = ''] = /^(?:[*+?]|\{\d+(?:,\d*)?\})\??/.exec(source.slice(at)) ?? [];
  return [/^[*?]|^\{0/.test(quantifier), at + quantifier.length];
}

function longest(words: readonly string[]): string {
  return words.reduce((best, word) => (word.length > best.length ? word : best), '');
}
