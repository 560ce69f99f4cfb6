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
  renameSync,
  rmdirSync,
  unlinkSync,
} from 'node:fs';
import { isMissing } from './files.ts';

/**
 * Removes a file, or a directory with everything in it, and follows no link, even if another account swaps a directory
 * for a link meanwhile: `rmSync` with `recursive` would then remove files elsewhere. Missing files are not an error.
 *
 * Moves inner directories up into the outermost directory instead of descending, so that a deep tree exhausts neither
 * descriptors nor the stack. Names are bytes, because other accounts' names need not be UTF-8.
 */
export function removeTree(path: string): void {
  ifThere(() => {
    if (!lstatSync(path).isDirectory()) return unlinkSync(path);
    inDirectory(path, (top) => {
      const moved = new Names(top);
      for (let left = namesIn(top); left.length > 0; left = namesIn(top))
        for (const name of left) removeEntry(entryOf(top, name), moved);
    });
    rmdirSync(path);
  });
}

/** Removes a file, a link or a directory. First moves a directory's inner directories up. */
function removeEntry(entry: Entry, moved: Names): void {
  ifThere(() => {
    if (!lstatSync(entry).isDirectory()) return unlinkSync(entry);
    inDirectory(entry, (inside) => {
      for (const name of namesIn(inside)) moveUpOrUnlink(entryOf(inside, name), moved);
    });
    rmdirSync(entry);
  });
}

function moveUpOrUnlink(entry: Entry, moved: Names): void {
  ifThere(() => {
    if (lstatSync(entry).isDirectory()) renameSync(entry, moved.next());
    else unlinkSync(entry);
  });
}

/** A path whose last part need not be UTF-8. */
type Entry = string | Buffer;

/** Names for directories that are moved up. */
class Names {
  #count = 0;

  constructor(private readonly top: Entry) {}

  /** A path that does not exist. */
  next(): Entry {
    for (;;) {
      const path = entryOf(this.top, Buffer.from(`.moved.${this.#count++}`));
      if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return path;
    }
  }
}

/** Reaches the entries through the directory's descriptor, as openat(2) does; without /proc, through its path. */
function inDirectory(path: Entry, work: (inside: Entry) => void): void {
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    takePossession(fd);
    work(existsSync('/proc/self/fd') ? `/proc/self/fd/${fd}` : path);
  } finally {
    closeSync(fd);
  }
}

const namesIn = (directory: Entry): Buffer[] => readdirSync(directory, { encoding: 'buffer' });

const entryOf = (directory: Entry, name: Buffer): Buffer =>
  Buffer.concat([Buffer.from(directory), Buffer.from('/'), name]);

/** Makes this account the only account that can change the directory. */
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
