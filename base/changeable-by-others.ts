import { lstatSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * The reason why an account other than root (and this process's own) can change a file: the part of its path that such
 * an account owns or may write to. Undefined when no such account can. In a directory with the sticky bit, such as
 * /tmp, an account cannot replace another account's file.
 *
 * @param file an existing file @throws a system error when it cannot be examined
 */
export const changeableByOthers = (file: string): string | undefined =>
  // Checks the path of the link and the path of its target: each may lead through another account's directory.
  notRoots([...withParents(file), ...withParents(realpathSync(file))]);

/**
 * As `changeableByOthers`, but checks only the path of the link, not its target: an account that can change the link
 * chooses the file that is read.
 */
export const linkableByOthers = (link: string): string | undefined => notRoots(withParents(link));

function notRoots(paths: readonly string[]): string | undefined {
  const own = process.geteuid?.();
  for (const path of paths) {
    const stats = lstatSync(path);
    const { uid, mode } = stats;
    if (uid !== 0 && uid !== own) return `${path} belongs to account ${uid}`;
    const isSticky = stats.isDirectory() && (mode & 0o1000) !== 0;
    if ((mode & 0o022) !== 0 && !isSticky && !stats.isSymbolicLink())
      return `${path} is writable by ${mode & 0o002 ? 'every account' : 'its group'}`;
  }
  return undefined;
}

const withParents = (path: string): string[] =>
  path === dirname(path) ? [path] : [path, ...withParents(dirname(path))];
