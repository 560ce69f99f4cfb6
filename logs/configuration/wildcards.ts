import { isAbsolute, join } from 'node:path';
import type { ConfigurationHost } from './host.ts';

/** The most files of a pattern, more than any configuration has. */
const MOST = 5000;

export const hasWildcard = (pattern: string): boolean => /[*?[]/.test(pattern);

/**
 * The files and directories that match a pattern of fnmatch(3), sorted. A leading dot matches only a dot in the pattern,
 * as in Apache and nginx.
 */
export function expanded(pattern: string, host: ConfigurationHost): string[] {
  if (!isAbsolute(pattern)) return [];
  let paths = ['/'];
  for (const part of pattern.split('/').filter((each) => each !== '')) {
    if (!hasWildcard(part)) paths = paths.map((path) => join(path, part));
    else
      paths = paths.flatMap((path) =>
        (host.list(path) ?? []).filter((name) => matchesName(part, name)).map((name) => join(path, name)),
      );
    if (paths.length > MOST) return paths.slice(0, MOST);
  }
  return paths;
}

/** True if a path matches a pattern; `*` does not match a slash. */
export function matchesPath(pattern: string, path: string): boolean {
  const [parts, names] = [pattern.split('/'), path.split('/')];
  return parts.length === names.length && parts.every((part, at) => matchesName(part, names[at] ?? ''));
}

/** Takes linear time for each `*`: after a mismatch only the last `*` takes one more character. */
export function matchesName(pattern: string, name: string): boolean {
  if (name.startsWith('.') && !pattern.startsWith('.')) return false;
  let [at, star, resume] = [0, -1, 0];
  for (let read = 0; read < name.length; ) {
    const one = at < pattern.length ? oneCharacter(pattern, at, name.charAt(read)) : undefined;
    if (pattern[at] === '*') {
      star = at++;
      resume = read;
    } else if (one !== undefined) {
      at = one;
      read++;
    } else if (star >= 0) {
      at = star + 1;
      read = ++resume;
    } else return false;
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}

/** @returns the index after the pattern's next part if that part matches this character */
function oneCharacter(pattern: string, at: number, character: string): number | undefined {
  const first = pattern[at];
  if (first === '?') return at + 1;
  const close = first === '[' ? pattern.indexOf(']', at + 2) : -1;
  if (close < 0) return first === character ? at + 1 : undefined;
  const isNegated = pattern[at + 1] === '!' || pattern[at + 1] === '^';
  const set = pattern.slice(at + (isNegated ? 2 : 1), close);
  return isInSet(set, character) === isNegated ? undefined : close + 1;
}

function isInSet(set: string, character: string): boolean {
  for (let at = 0; at < set.length; at++) {
    const last = set[at + 1] === '-' && at + 2 < set.length ? set.charAt(at + 2) : undefined;
    if (last === undefined ? set[at] === character : set.charAt(at) <= character && character <= last)
      return true;
    if (last !== undefined) at += 2;
  }
  return false;
}
