import { type Stats, statSync } from 'node:fs';
import { fileError, isMissing } from '../../base/files.ts';
import { type Line, MAX_LINE } from '../files/lines.ts';
import type { Head } from '../files/position.ts';
import { OpenLog } from './open-log.ts';

/** The time for which a web server may continue to write to a renamed log, in milliseconds. */
const AFTERMATH = 60_000;

/**
 * Follows one log through rotation by rename and by copytruncate, and while the file is missing. Each call of `read`
 * reads new lines. A renamed file is read for another minute beside its successor, because the web server writes to the
 * renamed file until the server reopens its logs.
 */
export class FollowedLog {
  #file: OpenLog | undefined;
  #renamed: { readonly file: OpenLog; readonly until: number }[] = [];
  #isGone = false;

  /**
   * @param from bytes of the current file that were read before; undefined to read only new lines
   * @param clock a monotonic clock in milliseconds, which decides when to close a renamed file
   * @param longest the most bytes of a line that are kept
   * @throws RiposteError (NOPERM, IOERR) if the log exists and cannot be read
   */
  constructor(
    readonly path: string,
    private readonly onLines: (lines: readonly Line[]) => void,
    from: number | undefined,
    private readonly clock = () => performance.now(),
    private readonly longest = MAX_LINE,
  ) {
    this.#file = OpenLog.open(path, from, longest);
  }

  /**
   * The position for a restart, after the last whole line. While a renamed file is still read, it is a position in that
   * file. Undefined if there never was a log.
   */
  get position(): { offset: number; head: Head } | undefined {
    return (this.#renamed[0]?.file ?? this.#file)?.position;
  }

  /** The number of unread bytes. */
  get lag(): number {
    const files = [...this.#renamed.map(({ file }) => file), ...(this.#file ? [this.#file] : [])];
    return files.reduce((sum, { lag }) => sum + lag, 0);
  }

  get isThere(): boolean {
    return this.#file !== undefined && !this.#isGone;
  }

  /** True if the open log begins with these bytes, or if no log is open. */
  begins(head: Head): boolean {
    return this.#file?.begins(head) ?? true;
  }

  /**
   * Reads some of the new lines.
   *
   * @returns true if more can be read at once
   * @throws RiposteError (NOPERM, IOERR) if an unreadable file has taken its place
   */
  read(): boolean {
    for (const { file } of this.#renamed) if (file.read(this.onLines)) return true;
    if (this.#file?.read(this.onLines)) return true;
    this.#closeRenamed();
    const now = statOf(this.path);
    this.#isGone = now === undefined;
    if (now === undefined || this.#file?.is(now)) return false;
    const next = OpenLog.open(this.path, 0, this.longest);
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
