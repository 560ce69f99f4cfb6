import { asRiposteError, type RiposteError } from '../../base/errors.ts';
import { type Line, LineSplitter, MAX_READER_LINE } from '../files/lines.ts';
import { journalPosition, type Position } from '../files/position.ts';
import { isCursor, journalArguments, positionAt } from '../sources/journal.ts';
import { type Journalctl, startJournalctl } from './journalctl.ts';
import { isOfCursor, journalFailure, lastCursor } from './read-journal.ts';

/** The time to wait before journalctl is started again, in milliseconds. */
const PAUSE = 10_000;
/** If journalctl has run for this time, in milliseconds, the last failure counts as over. */
const SETTLED = 2000;
/** If more bytes of journalctl's output wait to be judged, Riposte stops reading that output for a while. */
const MOST_WAITING = 4 * 1024 * 1024;

/** Optional settings of a FollowedJournal. */
export interface FollowOptions {
  /** Called when there is something to read. */
  readonly onReadable?: () => void;
  /** Milliseconds of a monotonic clock; the wall clock may be set. */
  readonly clock?: () => number;
  /** The time from which lines are read, if no line was read before. */
  readonly start?: Date;
}

/**
 * Follows a unit's lines in the journal by running journalctl. If journalctl ends, another journalctl continues after
 * the last line that was read.
 */
export class FollowedJournal {
  #journalctl: Journalctl | undefined;
  #startedAt = 0;
  #splitter = new LineSplitter(MAX_READER_LINE);
  /** Pieces of the output, each as its lines. */
  #waiting: Line[][] = [];
  #bytes = 0;
  #position: Position;
  #failure: RiposteError | undefined;
  #retryAt = 0;
  readonly #onReadable: () => void;
  readonly #clock: () => number;

  /**
   * @param from the position after the last line that was read; undefined: from now on
   * @param onLines takes lines as `journalctl -o json` prints them
   */
  constructor(
    readonly unit: string,
    private readonly onLines: (lines: readonly Line[]) => void,
    from: Position | undefined,
    { onReadable = () => {}, clock = () => performance.now(), start = new Date() }: FollowOptions = {},
  ) {
    this.#onReadable = onReadable;
    this.#clock = clock;
    const cursor = isCursor(from?.cursor) ? from.cursor : undefined;
    this.#position = journalPosition({ time: from?.time ?? start.toISOString(), cursor });
    this.#start();
  }

  /**
   * The position after the last line that was passed to `onLines`. After a restart, reading continues at this position.
   */
  get position(): Position {
    return this.#position;
  }

  /** Bytes of lines that have arrived and were not read yet. */
  get lag(): number {
    return this.#bytes;
  }

  /** True if journalctl runs. */
  get isThere(): boolean {
    return this.#journalctl !== undefined && this.#failure === undefined;
  }

  /**
   * Reads some of the new lines. If journalctl has ended, starts it again after PAUSE. Call this periodically.
   *
   * @returns true if more can be read at once
   * @throws RiposteError (UNAVAILABLE) while journalctl is missing or has ended
   */
  read(): boolean {
    const lines = this.#waiting.shift();
    if (lines) {
      this.#take(lines);
      return this.#waiting.length > 0;
    }
    const now = this.#clock();
    if (!this.#journalctl && now >= this.#retryAt) this.#start();
    else if (this.#journalctl && now - this.#startedAt >= SETTLED) this.#failure = undefined;
    if (this.#failure) throw this.#failure;
    return false;
  }

  close(): void {
    const journalctl = this.#journalctl;
    this.#journalctl = undefined;
    this.#retryAt = Number.POSITIVE_INFINITY;
    journalctl?.stop();
  }

  #take(lines: readonly Line[]): void {
    this.#bytes -= sizeOf(lines);
    if (this.#bytes <= MOST_WAITING) this.#journalctl?.output.resume();
    this.onLines(lines);
    this.#failure = undefined;
    const cursor = lastCursor(lines);
    if (cursor !== undefined) this.#position = journalPosition(positionAt(cursor, new Date()));
  }

  #start(): void {
    this.#startedAt = this.#clock();
    this.#splitter = new LineSplitter(MAX_READER_LINE); // the new journalctl prints a cut line again
    try {
      const journalctl = startJournalctl(
        journalArguments({ unit: this.unit, from: this.#readUpTo(), follows: true }),
      );
      this.#journalctl = journalctl;
      journalctl.output.on('data', (chunk: Buffer) => this.#put(journalctl, chunk));
      journalctl.ended.then((failure) => this.#hasEnded(journalctl, failure));
    } catch (error) {
      this.#fail(asRiposteError(error));
    }
  }

  /** The position after the last line that has arrived, so that waiting lines do not come again. */
  #readUpTo(): Position {
    const last = lastCursor(this.#waiting.flat());
    return last === undefined ? this.#position : journalPosition(positionAt(last, new Date()));
  }

  #put(journalctl: Journalctl, chunk: Buffer): void {
    if (journalctl !== this.#journalctl) return;
    const lines = this.#splitter.push(chunk);
    if (lines.length === 0) return;
    this.#waiting.push(lines);
    this.#bytes += sizeOf(lines);
    if (this.#bytes > MOST_WAITING) journalctl.output.pause();
    this.#onReadable();
  }

  #hasEnded(journalctl: Journalctl, failure = 'it has ended'): void {
    if (journalctl !== this.#journalctl) return;
    this.#journalctl = undefined;
    const error = journalFailure(this.unit, `${failure}; Riposte starts it again every ${PAUSE / 1000} s`);
    // If journalctl does not know the cursor, the next journalctl begins at the time of the cursor's line, so some
    // lines may come twice.
    if (isOfCursor(error)) this.#position = journalPosition({ time: this.#position.time });
    this.#fail(error);
  }

  #fail(error: RiposteError): void {
    this.#failure = error;
    this.#retryAt = this.#clock() + PAUSE;
    this.#onReadable();
  }
}

const sizeOf = (lines: readonly Line[]): number => lines.reduce((sum, { text }) => sum + text.length, 0);
