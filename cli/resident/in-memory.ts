import { createHash } from 'node:crypto';
import { accessSync, constants, lstatSync, mkdirSync, renameSync, rmSync, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isMissing } from '../../active-response/files.ts';

/** Where the kernel keeps files in memory: a request then waits for no disk. */
const IN_MEMORY = ['/run/riposte-respond', '/dev/shm/riposte-respond'];
/** statfs's word for such a file system, tmpfs. */
const TMPFS = 0x01021994;

const placeIn = (directory: string, root: string): string =>
  join(directory, createHash('sha256').update(root).digest('hex').slice(0, 16));

/** Where the box of this path can lie in memory; undefined where nowhere: not root, no such file system, a sandbox without it. */
export function placeInMemory(root: string): string | undefined {
  const place = IN_MEMORY.find((directory) => {
    try {
      if (statfsSync(dirname(directory)).type !== TMPFS) return false;
      mkdirSync(directory, { recursive: true, mode: 0o755 });
      accessSync(directory, constants.W_OK);
      return isOurs(directory);
    } catch {
      return false;
    }
  });
  return place && placeIn(place, root);
}

/** A directory, and no link to one, that nobody else writes to: in /dev/shm anybody may have made it before us. */
function isOurs(directory: string): boolean {
  const stats = lstatSync(directory, { throwIfNoEntry: false });
  return stats?.isDirectory() === true && stats.uid === process.getuid?.() && (stats.mode & 0o022) === 0;
}

/** Removes the box of this path from memory, wherever it lies. */
export function removeInMemory(root: string): void {
  for (const directory of IN_MEMORY) {
    const place = placeIn(directory, root);
    // In another's directory nothing is removed: what lies there could be a link at the next moment.
    if (isOurs(directory)) removeUsed(place);
  }
}

/** Removes a directory in which others go on to make files: first it has another name, where they do not find it. */
export function removeUsed(directory: string): void {
  const gone = `${directory}.gone`;
  removeWhole(gone);
  try {
    renameSync(directory, gone);
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  removeWhole(gone);
}

/** Again while a file comes that was on its way. */
function removeWhole(directory: string, tries = 10): void {
  try {
    rmSync(directory, { recursive: true, force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY' || tries === 0) throw error;
    removeWhole(directory, tries - 1);
  }
}
