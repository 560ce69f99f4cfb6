/** A whole line of Apache's configuration, before its variables are replaced. */
export interface ConfigurationLine {
  readonly text: string;
  /** The number of its first line in the file, from 1. */
  readonly line: number;
}

/** Joins lines that end with a backslash, and leaves out comments, which also continue after a backslash. */
export function linesOf(text: string): ConfigurationLine[] {
  const lines: ConfigurationLine[] = [];
  let joined = '';
  let first = 1;
  for (const [at, raw] of text.split('\n').entries()) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (joined === '') first = at + 1;
    if (line.endsWith('\\')) {
      joined += line.slice(0, -1);
      continue;
    }
    const whole = (joined + line).trim();
    joined = '';
    if (whole !== '' && !whole.startsWith('#')) lines.push({ text: whole, line: first });
  }
  const rest = joined.trim();
  if (rest !== '' && !rest.startsWith('#')) lines.push({ text: rest, line: first });
  return lines;
}

/**
 * Replaces `${NAME}` in the text of a line, before quotes are parsed, like Apache. Undefined names stay unchanged (seen
 * with 2.4.68).
 */
export function withVariables(text: string, variables: ReadonlyMap<string, string>): string {
  let result = '';
  let at = 0;
  for (let open = text.indexOf('${'); open >= 0; open = text.indexOf('${', at)) {
    const close = text.indexOf('}', open);
    if (close < 0) break;
    const value = variables.get(text.slice(open + 2, close));
    result += text.slice(at, open) + (value ?? text.slice(open, close + 1));
    at = close + 1;
  }
  return result + text.slice(at);
}

/**
 * Splits a line into words. A word is between quotes of either kind, or ends at a space; a backslash escapes a quote
 * (ap_getword_conf).
 */
export function wordsOf(text: string): string[] {
  const words: string[] = [];
  let at = skipSpace(text, 0);
  while (at < text.length) {
    const quote = text[at] === '"' || text[at] === "'" ? text.charAt(at) : '';
    let end = at + quote.length;
    let word = '';
    while (end < text.length && (quote === '' ? !isSpace(text.charAt(end)) : text[end] !== quote)) {
      const next = text[end + 1];
      if (text[end] === '\\' && (next === '\\' || (quote !== '' && next === quote))) end++;
      word += text.charAt(end++);
    }
    words.push(word);
    at = skipSpace(text, end + quote.length);
  }
  return words;
}

const isSpace = (character: string): boolean => character === ' ' || character === '\t';

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && isSpace(text.charAt(at))) at++;
  return at;
}

/**
 * The variables in a file of shell assignments such as Debian's /etc/apache2/envvars. If a name is assigned several
 * times, the last assignment counts: in that file, it is in the `else` branch, which is for the first instance.
 */
export function environmentIn(text: string): Map<string, string> {
  const variables = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, name, value = ''] = /^\s*(?:export\s+)?([A-Za-z_]\w*)=(.*)$/.exec(line) ?? [];
    if (name !== undefined) variables.set(name, assigned(value.trim(), variables));
  }
  return variables;
}

function assigned(value: string, variables: ReadonlyMap<string, string>): string {
  if (value.startsWith("'")) return value.slice(1, value.indexOf("'", 1));
  const isQuoted = value.startsWith('"');
  const plain = isQuoted ? value.slice(1, value.indexOf('"', 1)) : (value.split(/[\s;]/)[0] ?? '');
  return plain.replace(/\$(?:\{(\w+)\}|(\w+))/g, (_, long, short) => variables.get(long ?? short) ?? '');
}
