/** Servers decode once. A path with more rounds of encoding may get another number in another log. */
const MOST_ROUNDS = 5;
/** No server accepts a longer target, so the rest of a target is ignored. */
const LONGEST = 16_384;

/**
 * A number for the path of a target. The number is the same for every form in which logs have the path: as the client
 * sent it, or decoded and without `..` and `//`, as ModSecurity and nginx log it; with or without the query or the
 * site.
 *
 * @param target a record's canonical text
 * @returns an unsigned integer of 32 bits
 */
export const pathNumber = (target: string): number => numberOf(pathOf(target));

/** FNV-1a. */
const START = 0x811c9dc5;
const PRIME = 0x01000193;

/** The hash of a text. */
export function numberOf(text: string): number {
  let hash = START;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), PRIME);
  return hash >>> 0;
}

/**
 * The path as the server sees it: decoded, without the query, the site, `.`, `..` and empty parts.
 *
 * @param target a record's canonical text
 */
export function pathOf(target: string): string {
  const short = target.length > LONGEST ? target.slice(0, LONGEST) : target;
  const path = withoutQuery(short);
  return UNUSUAL.test(path) ? plainPath(short) : path;
}

/** Matches a path whose text is not the path as the server sees it. */
const UNUSUAL = /^[^/]|[%\\]|\/[./]/;

function plainPath(target: string): string {
  let path = withoutQuery(withoutSite(target));
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const decoded = withoutQuery(path.replace(ENCODED, (_, hex: string) => byte(hex)));
    if (decoded === path) break;
    path = decoded;
  }
  return withoutDots(path);
}

const ENCODED = /(?:%|\\x)([0-9a-fA-F]{2})/g;

const byte = (hex: string): string => String.fromCharCode(Number.parseInt(hex, 16));

export function withoutQuery(path: string): string {
  const query = path.indexOf('?');
  return query < 0 ? path : path.slice(0, query);
}

/** `http://example.org/a` is `/a`. */
function withoutSite(target: string): string {
  const [site] = /^[a-z]{2,10}:\/\/[^/?]*/i.exec(target) ?? [];
  if (site === undefined) return target;
  return site.length === target.length ? '/' : target.slice(site.length);
}

function withoutDots(path: string): string {
  if (!path.startsWith('/')) return path;
  const parts: string[] = [];
  const all = path.split('/');
  for (const part of all) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  const last = all[all.length - 1];
  const isDirectory = last === '' || last === '.' || last === '..';
  return `/${parts.join('/')}${isDirectory && parts.length > 0 ? '/' : ''}`;
}
