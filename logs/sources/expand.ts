import { readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isPattern } from './log-source.ts';
import { fitsPattern } from './match-name.ts';
import { isRotatedName } from './rotated-names.ts';

/** If one pattern matches more logs than this, that is a mistake or an attacker's work. Each log needs an open file. */
export const MOST_MATCHES = 2000;

/** The most names that are tested for one pattern. */
const MOST_NAMES = 20 * MOST_MATCHES;

/** The current matches of a pattern. */
export interface Matches {
  /** In the order of their names. */
  readonly files: readonly string[];
  /** Directories that may hold more matches, but that this user may not read. */
  readonly denied: readonly string[];
  /** True if there are more than MOST_MATCHES: only the most recently written are among the files. */
  readonly hasMore: boolean;
}

/**
 * Finds the logs that a pattern matches: files, and links to files, but no rotated forms. If the pattern matches
 * several names of a file (a link and its target), the file's own name counts, or else its first link: no line may
 * count twice.
 *
 * @param pattern an absolute path with `*` and `?` in it
 */
export function expandPattern(pattern: string): Matches {
  const denied: string[] = [];
  const parts = pattern.split('/').filter((part) => part !== '');
  let found = ['/'];
  let hasMore = false;
  for (const [index, part] of parts.entries()) {
    found = found.flatMap((each) => (isPattern(part) ? matching(each, part, denied) : join(each, part)));
    if (index === parts.length - 1) found = found.filter((file) => !isRotatedName(basename(file)));
    hasMore ||= found.length > MOST_NAMES;
    found = writtenLast(found, MOST_NAMES);
  }
  const files = found.filter(isFile);
  hasMore ||= files.length > MOST_MATCHES;
  return { files: oneNameEach(writtenLast(files, MOST_MATCHES)).sort(), denied, hasMore };
}

/** The files that were written last, at most `most` of them. */
function writtenLast(names: string[], most: number): string[] {
  if (names.length <= most) return names;
  const dated = names.map((name) => ({ name, time: timeOf(name) }));
  return dated
    .sort((a, b) => b.time - a.time)
    .slice(0, most)
    .map(({ name }) => name);
}

function timeOf(name: string): number {
  try {
    return statSync(name).mtimeMs;
  } catch {
    return 0; // deleted meanwhile, or in a circle of links
  }
}

/** The file to which a path leads through links; the path itself if there is no such file. */
export function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}

function oneNameEach(files: readonly string[]): string[] {
  const names = new Map<string, string>();
  for (const file of files) {
    const real = realPath(file);
    if (file === real || !names.has(real)) names.set(real, file);
  }
  return [...names.values()];
}

/** The entries of a directory that fit the pattern, sorted by name; none if there is no such directory. */
function matching(directory: string, part: string, denied: string[]): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => fitsPattern(name, part))
      .sort()
      .map((name) => join(directory, name));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM') denied.push(directory);
    return [];
  }
}

function isFile(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false })?.isFile() === true;
  } catch {
    return false; // below a file, or in a circle of links
  }
}
