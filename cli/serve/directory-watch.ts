import { type FSWatcher, realpathSync, statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

interface Watched {
  readonly watcher: FSWatcher;
  readonly inode: number;
}

/**
 * Has the kernel tell of changes of files, by way of their directories, so that it also tells of files that are
 * new. Directories that are not there yet, or are replaced, are looked for by `look`.
 */
export class DirectoryWatch {
  readonly #watched = new Map<string, Watched>();

  /** @param onTrouble told when the kernel refuses, as there are too many watches */
  constructor(
    private readonly files: readonly string[],
    private readonly onChange: () => void,
    private readonly onTrouble: (directory: string, message: string) => void,
  ) {}

  /** Watches what there is now. To be called now and then. */
  look(): void {
    const wanted = this.#directories();
    for (const directory of [...this.#watched.keys()].filter((each) => !wanted.has(each)))
      this.#unwatch(directory);
    for (const [directory, names] of wanted) {
      const inode = inodeOf(directory);
      if (this.#watched.get(directory)?.inode === inode) continue;
      this.#unwatch(directory);
      if (inode !== undefined) this.#watch(directory, names, inode);
    }
  }

  close(): void {
    for (const directory of [...this.#watched.keys()]) this.#unwatch(directory);
  }

  #watch(directory: string, names: ReadonlySet<string>, inode: number): void {
    try {
      const watcher = watch(directory, (_, name) => {
        if (name === null || names.has(name)) this.onChange();
      });
      watcher.on('error', () => this.#unwatch(directory));
      this.#watched.set(directory, { watcher, inode });
      this.onChange();
    } catch (error) {
      this.onTrouble(directory, (error as Error).message);
    }
  }

  #unwatch(directory: string): void {
    this.#watched.get(directory)?.watcher.close();
    this.#watched.delete(directory);
  }

  /** The names to look for, by directory: where a log is, and where it is a link to. */
  #directories(): Map<string, Set<string>> {
    const directories = new Map<string, Set<string>>();
    for (const file of this.files.flatMap((each) => [each, realPath(each)])) {
      const names = directories.get(dirname(file)) ?? new Set();
      directories.set(dirname(file), names.add(basename(file)));
    }
    return directories;
  }
}

function inodeOf(directory: string): number | undefined {
  try {
    return statSync(directory).ino;
  } catch {
    return undefined; // not there, or not to be reached
  }
}

function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file; // not there yet
  }
}
