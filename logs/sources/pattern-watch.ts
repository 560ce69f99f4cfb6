import { statSync } from 'node:fs';
import { RiposteError } from '../../base/errors.ts';
import { collect, type SourceLog } from './find-logs.ts';
import type { LogSource } from './log-source.ts';

/** The changes since the last look. */
export interface Changes {
  /** New logs that patterns match: no line of them was read before. */
  readonly added: readonly SourceLog[];
  /** Logs that patterns matched, and that have been missing for a long time. */
  readonly gone: readonly SourceLog[];
  /** The present problems; the caller reports each once while it lasts. */
  readonly problems: readonly string[];
}

/** The least time between two reads of the directories, in milliseconds. */
const EVERY = 5000;
/** The time for which a log may be missing, in milliseconds: during a rotation it is missing for a moment. */
const AWAY = 10 * 60_000;

/** A log that was found, and the time when it was last found. */
interface Known {
  readonly log: SourceLog;
  seen: number;
  /** Its file at that time; see `fileOf`. */
  file: string | undefined;
}

/** Detects new logs that patterns match, and matched logs that have vanished. */
export class PatternWatch {
  readonly #hasPattern: boolean;
  readonly #known = new Map<string, Known>();
  /** Files that were read under another name before: rotated in an unusual way, or linked. Their lines count once. */
  readonly #readBefore = new Map<string, string>();
  #looked: number;
  /** The time when the logs were last compared with the known ones. */
  #compared: number;
  #problems: readonly string[] = [];

  /**
   * @param logs the logs at the start: they are not new
   * @param clock milliseconds of a monotonic clock; the wall clock may be set
   */
  constructor(
    private readonly sources: readonly LogSource[],
    logs: readonly SourceLog[],
    private readonly clock = () => performance.now(),
  ) {
    this.#hasPattern = sources.some(({ kind }) => kind === 'pattern');
    this.#looked = clock();
    this.#compared = this.#looked;
    for (const log of logs) this.#known.set(log.name, { log, seen: clock(), file: fileOf(log) });
  }

  /** Reads the directories, but not more often than every EVERY milliseconds. */
  look(): Changes {
    const now = this.clock();
    const none = { added: [], gone: [] };
    if (!this.#hasPattern || now - this.#looked < EVERY) return { ...none, problems: this.#problems };
    this.#looked = now;
    try {
      const { logs, conflicts, problems, hasMore } = collect(this.sources);
      this.#problems = [...conflicts, ...problems];
      return { ...this.#compare(logs, now, hasMore), problems: this.#problems };
    } catch (error) {
      if (!(error instanceof RiposteError)) throw error;
      this.#problems = [error.message];
      return { ...none, problems: this.#problems };
    }
  }

  /** @param hasMore true if `logs` holds only the most recently written logs */
  #compare(logs: readonly SourceLog[], now: number, hasMore: boolean): Pick<Changes, 'added' | 'gone'> {
    const files = new Map(logs.map((log) => [log.name, fileOf(log)]));
    // A file system may give a deleted file's inode to a new file. So a log counts as renamed only if it was found at
    // the last comparison.
    const readBefore = new Set(
      [...this.#known.values()].flatMap(({ file, seen }) => (seen >= this.#compared ? file : [])),
    );
    this.#compared = now;
    const isNew = ({ name }: SourceLog): boolean => {
      const file = files.get(name);
      if (this.#known.has(name) || file === undefined || this.#readBefore.get(name) === file) return false;
      if (readBefore.has(file)) this.#readBefore.set(name, file);
      else this.#readBefore.delete(name);
      return !readBefore.has(file);
    };
    // Add no log beyond the limit. Otherwise, if many logs were written in turn, Riposte would read all of them in the
    // end. When a log has not been among the most recently written for a while, another log can take its place.
    const room = hasMore ? Math.max(0, logs.length - this.#known.size) : logs.length;
    const added = logs.filter(isNew).slice(0, room);
    for (const log of added) this.#known.set(log.name, { log, seen: now, file: undefined });
    for (const { name } of logs) {
      const known = this.#known.get(name);
      if (known) Object.assign(known, { seen: now, file: files.get(name) ?? known.file });
    }
    const gone = [...this.#known.values()].flatMap(({ log, seen }) =>
      log.isMatched && now - seen >= AWAY ? log : [],
    );
    for (const { name } of gone) this.#known.delete(name);
    for (const name of this.#readBefore.keys()) if (!files.has(name)) this.#readBefore.delete(name);
    return { added, gone };
  }
}

/** The device and the inode of a log's file: they stay the same when the file is renamed. */
function fileOf(log: SourceLog): string | undefined {
  if (log.kind !== 'file') return undefined;
  try {
    const { dev, ino } = statSync(log.path);
    return `${dev}:${ino}`;
  } catch {
    return undefined; // deleted meanwhile
  }
}
