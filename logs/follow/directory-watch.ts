import { type FSWatcher, realpathSync, statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

interface Watched {
  readonly watcher: FSWatcher;
  readonly inode: number;
}

/**
 * Lets the kernel report changes of files. Watches the files' directories, so that the kernel also reports new files.
 * `look` finds directories that are created later or replaced.
 */
export class DirectoryWatch {
  readonly #watched = new Map<string, Watched>();

  /** @param onTrouble called if the kernel refuses a watch, because there are too many */
  constructor(
    private readonly files: () => readonly string[],
    private readonly onChange: () => void,
    private readonly onTrouble: (directory: string, message: string) => void,
  ) {}

  /** Watches the directories that exist now. The caller repeats this from time to time. */
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

  /** The names to watch, by directory: a log's own, and the target's if the log is a link. */
  #directories(): Map<string, Set<string>> {
    const directories = new Map<string, Set<string>>();
    for (const file of this.files().flatMap((each) => [each, realPath(each)])) {
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
    return undefined; // missing or inaccessible
  }
}

function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file; // does not exist yet
  }
}
