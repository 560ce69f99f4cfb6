import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  rmdirSync,
  unlinkSync,
} from 'node:fs';
import { isMissing } from './files.ts';

/**
 * Removes a file, or a directory with everything in it, and follows no link, even if another account swaps a directory
 * for a link meanwhile: `rmSync` with `recursive` would then remove files elsewhere. Missing files are no error.
 */
export function removeTree(path: string): void {
  ifThere(() => {
    if (!lstatSync(path).isDirectory()) return unlinkSync(path);
    emptyDirectory(path);
    rmdirSync(path);
  });
}

/** Reaches the entries through the directory's descriptor, as openat(2) does; without /proc, through its path. */
function emptyDirectory(path: string): void {
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    takePossession(fd);
    const inside = existsSync('/proc/self/fd') ? `/proc/self/fd/${fd}` : path;
    for (const name of readdirSync(inside)) removeTree(`${inside}/${name}`);
  } finally {
    closeSync(fd);
  }
}

/** Makes this account the only one that can change the directory. */
function takePossession(fd: number): void {
  const [uid, gid] = [process.geteuid?.() ?? 0, process.getegid?.() ?? 0];
  if (fstatSync(fd).uid !== uid) fchownSync(fd, uid, gid);
  fchmodSync(fd, 0o700);
}

function ifThere(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}
