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
import { debug } from '../base/debug.ts';
import { fileError } from '../base/files.ts';
import type { DesiredFile, DesiredLink } from './desired-file.ts';

/**
 * Changes to the file system. A reader sees each change as one step, and all changes can be undone until `commit`. A
 * replaced or removed file keeps its inode and times under another name, so that undoing needs no space on a full disk.
 * The names are fixed, so that the next run finds the files of a killed run.
 */
export class Changes {
  readonly #undo: (() => void)[] = [];
  readonly #kept: string[] = [];

  /** @param scratch the directory for the new file and the kept old one, on the same file system */
  put({ path, bytes, uid, gid, mode }: DesiredFile, scratch = dirname(path)): void {
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

  /** Gives a file a second name, which stays after the commit. */
  keep(path: string, as: string): void {
    this.#step('keep', as, () => {
      linkSync(path, as);
      this.#undo.push(() => rmSync(as, { force: true }));
    });
  }

  link({ path, target }: DesiredLink): void {
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
      chmodSync(path, 0o755); // whatever the umask: other accounts must be able to enter /usr/local/bin
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

  /** Reverts everything, the last change first. @throws RiposteError when that fails */
  undo(): void {
    debug('change', () => `undo ${this.#undo.length} steps`);
    for (let undo = this.#undo.pop(); undo !== undefined; undo = this.#undo.pop()) undo();
    this.commit();
  }

  /** Removes the kept old files. */
  commit(): void {
    for (const kept of this.#kept) rmSync(kept, { force: true });
    this.#undo.length = 0;
    this.#kept.length = 0;
  }

  #exchange(path: string, fresh: string, scratch: string): void {
    const existed = lstatSync(path, { throwIfNoEntry: false }) !== undefined;
    const kept = keptOf(path, scratch);
    rmSync(kept, { force: true });
    if (existed) linkSync(path, kept);
    if (existed) this.#kept.push(kept);
    renameSync(fresh, path);
    this.#undo.push(() => (existed ? renameSync(kept, path) : rmSync(path, { force: true })));
  }

  #step(verb: string, path: string, work: () => void): void {
    debug('change', () => `${verb} ${path}`);
    try {
      work();
    } catch (error) {
      throw fileError(verb, path, error);
    }
  }
}

/** The temporary name of a file that is being written. */
export const freshOf = (path: string, scratch = dirname(path)): string =>
  join(scratch, `.${basename(path)}.riposte-new`);

/** The name of a replaced file, until the commit. */
export const keptOf = (path: string, scratch = dirname(path)): string =>
  join(scratch, `.${basename(path)}.riposte-old`);
