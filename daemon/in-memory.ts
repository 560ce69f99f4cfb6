import { createHash } from 'node:crypto';
import { accessSync, constants, lstatSync, mkdirSync, renameSync, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isMissing } from '../base/files.ts';
import { removeTree } from '../base/remove-tree.ts';

/** Directories in memory: requests there need no disk. */
const IN_MEMORY = ['/run/riposte-respond', '/dev/shm/riposte-respond'];
/** The type of tmpfs in statfs(2). */
const TMPFS = 0x01021994;

const placeIn = (directory: string, root: string): string =>
  join(directory, createHash('sha256').update(root).digest('hex').slice(0, 16));

/** The place in memory for the directory of this path; undefined without root, without tmpfs, or in a sandbox. */
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

/**
 * True for a directory (not a link) to which only this account can write: in /dev/shm any account can make a directory.
 */
function isOurs(directory: string): boolean {
  const stats = lstatSync(directory, { throwIfNoEntry: false });
  return stats?.isDirectory() === true && stats.uid === process.getuid?.() && (stats.mode & 0o022) === 0;
}

/** Removes the directory of this path from memory. */
export function removeInMemory(root: string): void {
  for (const directory of IN_MEMORY) {
    const place = placeIn(directory, root);
    // Remove nothing from another account's directory: its owner could put a link there at any moment.
    if (isOurs(directory)) removeUsed(place);
  }
}

/** Removes a directory in which other processes still make files. Renames it first, to hide it from those processes. */
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

/** Removes a directory, and tries again if another process adds a file meanwhile. */
function removeWhole(directory: string, tries = 10): void {
  try {
    removeTree(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY' || tries === 0) throw error;
    removeWhole(directory, tries - 1);
  }
}
