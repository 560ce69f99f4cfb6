import {
  chmodSync,
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileError } from '../../active-response/files.ts';
import type { WantedFile, WantedLink } from './belongings.ts';

/**
 * Changes to the file system, each one step for whoever reads the file, and all of them to be undone until
 * `commit`. What is replaced or removed is kept beside it under another name (the same inode, with its times),
 * so that undoing needs no space on a full disk. The names are always the same: what a killed run has left, the
 * next one finds.
 */
export class Changes {
  readonly #undo: (() => void)[] = [];
  readonly #kept: string[] = [];

  /** @param scratch where the new file is written and the old one kept, on the same file system */
  put({ path, bytes, uid, gid, mode }: WantedFile, scratch = dirname(path)): void {
    this.#step('write', path, () => {
      const fresh = freshOf(path, scratch);
      rmSync(fresh, { force: true });
      try {
        const fd = openSync(fresh, 'wx', 0o600);
        try {
          writeFileSync(fd, bytes);
          fchownSync(fd, uid, gid);
          fchmodSync(fd, mode);
          fsyncSync(fd);
        } finally {
          closeSync(fd);
        }
        this.#exchange(path, fresh, scratch);
      } catch (error) {
        rmSync(fresh, { force: true });
        throw error;
      }
    });
  }

  link({ path, target }: WantedLink): void {
    this.#step('link', path, () => {
      const fresh = freshOf(path);
      rmSync(fresh, { force: true });
      symlinkSync(target, fresh);
      this.#exchange(path, fresh, dirname(path));
    });
  }

  makeDirectory(path: string): void {
    this.#step('make', path, () => {
      mkdirSync(path);
      this.#undo.push(() => rmdirSync(path));
      chmodSync(path, 0o755); // whatever the umask: others pass through /usr/local/bin
    });
  }

  remove(path: string): void {
    this.#step('remove', path, () => {
      const kept = keptOf(path);
      renameSync(path, kept);
      this.#kept.push(kept);
      this.#undo.push(() => renameSync(kept, path));
    });
  }

  /** Puts everything back, the last change first. @throws RiposteError when that cannot be done */
  undo(): void {
    for (let undo = this.#undo.pop(); undo !== undefined; undo = this.#undo.pop()) undo();
    this.commit();
  }

  /** What was replaced goes for good. */
  commit(): void {
    for (const kept of this.#kept) rmSync(kept, { force: true });
    this.#undo.length = 0;
    this.#kept.length = 0;
  }

  #exchange(path: string, fresh: string, scratch: string): void {
    const wasThere = lstatSync(path, { throwIfNoEntry: false }) !== undefined;
    const kept = keptOf(path, scratch);
    rmSync(kept, { force: true });
    if (wasThere) linkSync(path, kept);
    if (wasThere) this.#kept.push(kept);
    renameSync(fresh, path);
    this.#undo.push(() => (wasThere ? renameSync(kept, path) : rmSync(path, { force: true })));
  }

  #step(verb: string, path: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      throw fileError(verb, path, error);
    }
  }
}

/** The name of a file until it is whole. */
export const freshOf = (path: string, scratch = dirname(path)): string =>
  join(scratch, `.${basename(path)}.riposte-new`);

/** The name of what was replaced, until all is done. */
export const keptOf = (path: string, scratch = dirname(path)): string =>
  join(scratch, `.${basename(path)}.riposte-old`);
