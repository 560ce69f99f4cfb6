import { hex, literal, rawPattern } from './raw-pattern.ts';
import type { Tokens } from './token-trie.ts';

/** The start of a path: the start of the target, or the place after steps up (`/../`) that a server removes. */
const START = '(?:\\w+://[^/?]*)?(?:/(?:[^?]*/)?(?:\\.|%(?:25)?2e){2}[^/?]*)?/+';
const ANYWHERE = '[^?]*/';
/** The end of a name: a query, parameters, spaces and encoded signs that servers cut off. */
const END = '/?(?![^?;#%\\s\\\\])';
/** The end of a directory or a program, which may be followed by any path. */
const END_OR_PATH = '(?![^/?;#%\\s\\\\])';

/** The pieces with which many paths end. */
export const PATH_ENDINGS: readonly string[] = [END, END_OR_PATH];

/**
 * The endings of programs, as in judgement/signatures/patterns.ts: a web server runs a program, whatever path follows
 * its name.
 */
const PROGRAM = /\.(?:php\d?|phtml|aspx?|ashx|asmx|jspx?|cfm|cfc|cgi|pl|py|sh|exe|dll)$/;

/**
 * One or more folders whose names are not those of programs. Some names of programs are allowed: a site's own paths may
 * begin with `index.php`, `public.php` or `cgit.cgi`, and a code browser shows repositories such as `acme.sh`.
 */
const BEHIND_NO_PROGRAM = `(?:(?!(?!(?:index|public)\\.)[^/?]*\\.(?:php\\d?|phtml|as[hmp]x|asp|jspx?|cf[cm]|dll)${END_OR_PATH})[^/?]*/)+`;

/** A line of the list of attacks of kind path. */
export interface PathPattern {
  readonly method: string | undefined;
  readonly tokens: Tokens;
}

/**
 * Converts `[METHOD ]PATH[?TEXT]` into tokens for a target in a log.
 *
 * @param isSpelt also matches hidden names (`.env`) with percent-encoded letters
 */
export function pathPattern(pattern: string, isSpelt = false): PathPattern {
  const [, method, path = '', text = ''] = /^(?:([A-Z]+) )?([^?]*)(?:\?(.*))?$/.exec(pattern) ?? [];
  // Two adjacent loops over the same bytes would multiply the work of a match that fails.
  const untilQuery = /[^/]\*\*$/.test(path) ? '\\?.*?' : '[^?]*\\?.*?';
  const query = text === '' ? [] : [untilQuery, ...[...text].map(rawCharacter)];
  return { method, tokens: [...pathTokens(path, isSpelt), ...query] };
}

/**
 * Converts the path of an exception in the same way, but does not match a path behind a program: that path belongs to
 * the program.
 */
export function exceptionTokens(pattern: string): Tokens {
  return pathPattern(pattern).tokens.map((token) => (token === ANYWHERE ? BEHIND_NO_PROGRAM : token));
}

function pathTokens(path: string, isSpelt: boolean): string[] {
  const isAnywhere = path.startsWith('**');
  const rest = path.replace(/^\*\*\/?|^\//, '');
  if (rest === '') return isAnywhere ? [''] : [START];
  const parts = rest.split(/(\*\*\/|\/\*\*$|\*\*$|\*|\/)/).filter((part) => part !== '');
  const isSegmentEnd = (part: string | undefined) => part === undefined || part.includes('/');
  const tokens = parts.flatMap((part, index) =>
    part === '*' && isSegmentEnd(parts[index - 1]) && isSegmentEnd(parts[index + 1])
      ? ANY_SEGMENT
      : (WILDCARDS[part] ?? nameTokens(part, isSpelt)),
  );
  const last = parts.at(-1) ?? '';
  const end = last === '**' ? [] : last === '/**' || PROGRAM.test(rest) ? [END_OR_PATH] : [END];
  return [isAnywhere ? ANYWHERE : START, ...tokens, ...end];
}

const WILDCARDS: Readonly<Record<string, readonly string[]>> = {
  // Without a limit, a path that repeats the name before the segments would take a long time.
  '**/': ['(?:[^/?]{0,60}/){0,6}'],
  '/**': [],
  '**': ['[^?]*'],
  '*': ['[^/?]*'],
  '/': ['/+'],
};

/** A whole segment. If a segment could be empty, a match that fails on `/////` would try every pair of slashes. */
const ANY_SEGMENT = '[^/?]+';

function nameTokens(name: string, isSpelt: boolean): string[] {
  const characters = [...name];
  const isHidden = characters[0] === '.';
  return characters.map((character, index) => {
    const code = character.charCodeAt(0);
    if (isHidden && index === 0) return '(?:\\.|%(?:25)?2e)';
    if (isSpelt && isHidden && /\w/.test(character)) return `(?:${character}|%(?:25)?${hex(code)})`;
    return /[\w.]/.test(character) ? literal(code) : `(?:${literal(code)}|%${hex(code)})`;
  });
}

const rawCharacter = (character: string): string => rawPattern(character.replace(/[^\w]/, '\\$&'));
