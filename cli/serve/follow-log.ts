import { type Stats, statSync } from 'node:fs';
import { fileError, isMissing } from '../../active-response/files.ts';
import type { Line } from '../lines.ts';
import type { Head } from '../logs/position.ts';
import { OpenLog } from './open-log.ts';

/** How long a web server may go on writing to a log that was renamed, in milliseconds. */
const AFTERMATH = 60_000;

/**
 * Follows one log: reads what is new whenever it is asked to, through rotation by rename and by copytruncate,
 * and while the file is not there. A file that was renamed is read on for a minute beside its successor, as
 * the web server writes to it until it is told to reopen its logs.
 */
export class FollowedLog {
  #file: OpenLog | undefined;
  #renamed: { readonly file: OpenLog; readonly until: number }[] = [];
  #isGone = false;

  /**
   * @param from bytes of the file that is there now which were read before; undefined: all
   * @param clock milliseconds, for how long a renamed file is read on; not the wall's, which may be set
   * @throws RiposteError (NOPERM, IOERR) when the log is there and cannot be read
   */
  constructor(
    readonly path: string,
    private readonly onLines: (lines: readonly Line[]) => void,
    from: number | undefined,
    private readonly clock = () => performance.now(),
  ) {
    this.#file = OpenLog.open(path, from);
  }

  /**
   * From where to read on after a restart, in whole lines: of the renamed file while that is read on, too.
   * Undefined while there never was a log.
   */
  get position(): { offset: number; head: Head } | undefined {
    return (this.#renamed[0]?.file ?? this.#file)?.position;
  }

  /** Bytes that are there and were not read yet. */
  get lag(): number {
    const files = [...this.#renamed.map(({ file }) => file), ...(this.#file ? [this.#file] : [])];
    return files.reduce((sum, { lag }) => sum + lag, 0);
  }

  get isThere(): boolean {
    return this.#file !== undefined && !this.#isGone;
  }

  /** Whether the log that is open now is the one that began so; true while none is there. */
  begins(head: Head): boolean {
    return this.#file?.begins(head) ?? true;
  }

  /**
   * Reads some of what is new.
   *
   * @returns whether there is more to read at once
   * @throws RiposteError (NOPERM, IOERR) when a file has come into its place that cannot be read
   */
  read(): boolean {
    for (const { file } of this.#renamed) if (file.read(this.onLines)) return true;
    if (this.#file?.read(this.onLines)) return true;
    this.#closeRenamed();
    const now = statOf(this.path);
    this.#isGone = now === undefined;
    if (now === undefined || this.#file?.is(now)) return false;
    const next = OpenLog.open(this.path, 0);
    if (!next) return false;
    if (this.#file) this.#renamed.push({ file: this.#file, until: this.clock() + AFTERMATH });
    this.#file = next;
    return true;
  }

  close(): void {
    for (const { file } of this.#renamed) file.close();
    this.#file?.close();
    this.#renamed = [];
    this.#file = undefined;
  }

  #closeRenamed(): void {
    const isOver = ({ until }: { until: number }) => this.clock() >= until;
    for (const { file } of this.#renamed.filter(isOver)) {
      const last = file.end();
      if (last) this.onLines([last]);
      file.close();
    }
    this.#renamed = this.#renamed.filter((each) => !isOver(each));
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fileError('read', path, error);
  }
}
