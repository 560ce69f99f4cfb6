import { decodedTarget } from '../target/decoded-target.ts';

/**
 * The path of a target as exceptions compare it: decoded, in lower case. Undefined for a path with a `..` segment,
 * because it may begin at an excepted path and end elsewhere.
 */
export function comparedPath(target: string): string | undefined {
  const { path, uncollapsed } = decodedTarget(target);
  return CLIMBS.test(uncollapsed) || uncollapsed.includes('\0') ? undefined : path;
}

const CLIMBS = /(?:^|\/)\.\.(?:[/;.\s]|$)/;

/**
 * Compiles a path of an exception: a path that ends in `/` stands for all paths below it, and `*` for any characters.
 *
 * @param written a record's canonical text, beginning with `/`
 */
export function pathPattern(written: string): (path: string) => boolean {
  const { path } = decodedTarget(written);
  const isDirectory = written.endsWith('/') && path !== '/';
  const pattern = isDirectory ? `${path}/` : path;
  if (!pattern.includes('*'))
    return isDirectory
      ? (each) => each.startsWith(pattern) || each === path
      : written === '/'
        ? () => true
        : (each) => each === path;
  const parts = (isDirectory ? `${pattern}*` : pattern).split('*');
  return isDirectory ? (each) => matchesParts(parts, `${each}/`) : (each) => matchesParts(parts, each);
}

/** Searches for the texts between the stars of a pattern, in their order. Each search takes linear time. */
function matchesParts(parts: readonly string[], text: string): boolean {
  const [first = '', ...rest] = parts;
  const last = rest.pop() ?? '';
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}
