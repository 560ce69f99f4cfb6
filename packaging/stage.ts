import {
  chmodSync,
  copyFileSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Entry } from './contents.ts';

/**
 * Writes the files of a package below the empty directory `root`. All files and directories get this time, and modes
 * that do not depend on the umask.
 */
export function stage(root: string, entries: readonly Entry[], time: number): void {
  for (const entry of entries) {
    const path = join(root, entry.path);
    mkdirSync(dirname(path), { recursive: true });
    if ('target' in entry) symlinkSync(entry.target, path);
    else if ('bytes' in entry) write(path, entry.bytes, entry.mode);
    else {
      copyFileSync(entry.from, path);
      chmodSync(path, entry.mode);
    }
  }
  normalize(root, time);
}

/** Writes a file with this mode, under any umask. */
export function write(path: string, content: string | Buffer, mode: number): void {
  writeFileSync(path, content);
  chmodSync(path, mode);
}

/** Sets this time on a directory and everything below it, and the mode 0755 on the directories. */
export function normalize(directory: string, time: number): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) normalize(path, time);
    else lutimesSync(path, time, time);
  }
  chmodSync(directory, 0o755);
  lutimesSync(directory, time, time);
}
