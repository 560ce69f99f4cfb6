import { statSync } from 'node:fs';

/** Detects changes of a small file, including its creation and its removal. */
export class FileWatch {
  #seen: string;

  constructor(private readonly file: string) {
    this.#seen = stateOf(file);
  }

  /** True once for each change since the last call. */
  isChanged(): boolean {
    const state = stateOf(this.file);
    const isChanged = state !== this.#seen;
    this.#seen = state;
    return isChanged;
  }
}

function stateOf(file: string): string {
  try {
    const stats = statSync(file, { throwIfNoEntry: false });
    return stats ? `${stats.ino} ${stats.size} ${stats.mtimeMs}` : 'missing';
  } catch {
    return 'unreachable';
  }
}
