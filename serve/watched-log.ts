import { debug } from '../base/debug.ts';
import { EX, RiposteError } from '../base/errors.ts';
import type { Detection } from '../evaluate/detection.ts';
import { type EvaluatedLog, longestLine } from '../evaluate/evaluated-log.ts';
import { beginAtEnd } from '../evaluate/read-logs.ts';
import { OwnTime } from '../evaluate/timing.ts';
import type { Line } from '../logs/files/lines.ts';
import { type NewLines, newLines } from '../logs/files/new-lines.ts';
import { headOf, type Position } from '../logs/files/position.ts';
import { FollowedLog } from '../logs/follow/follow-log.ts';
import { FollowedJournal } from '../logs/journal/follow-journal.ts';
import { catchUp } from './catch-up.ts';
import type { LineEvaluator } from './line-evaluator.ts';

/** Receives a detection in a log. `isLate` is true if the detection's line was written while no server read the log. */
export type OnDetection = (detection: Detection, log: WatchedLog, isLate: boolean) => void;

/**
 * A log that a server reads: first the lines written since the last run, then new lines. Remembers up to which line all
 * detections are handled, so that after a crash the next server continues there.
 */
export class WatchedLog {
  #followed: FollowedLog | FollowedJournal | undefined;
  /**
   * For each detection that is not handled yet, the position from which the next server must read to find the detection
   * again.
   */
  readonly #unhandled = new Map<Detection, Position>();
  /** The position before the lines that are evaluated now; undefined before reading has begun. */
  #begin: Position | undefined;
  /** The last position in a log that was not empty. */
  #last: Position | undefined;
  #isStopped = false;

  constructor(
    readonly log: EvaluatedLog,
    private readonly evaluator: LineEvaluator,
    private readonly onDetection: OnDetection,
    private readonly start = new Date(),
  ) {}

  get path(): string {
    return this.log.location;
  }

  /**
   * Evaluates the lines that were written while no server ran (none in a first run), and then follows the log. If the
   * server stops meanwhile, the position stays unchanged.
   *
   * @param last the position up to which the log was read before
   * @throws RiposteError (NOPERM, IOERR) when the log exists and cannot be read
   */
  async catchUp(last: Position | undefined): Promise<{ isLost: boolean }> {
    debug('position', () => ({ path: this.path, last }));
    if (last !== undefined) return { isLost: await this.#catchUp(last) };
    this.#begin = { offset: 0, head: headOf(Buffer.alloc(0)), time: this.start.toISOString() };
    beginAtEnd(this.log);
    const { start } = this;
    if (this.log.unit === undefined) this.#followFile(undefined);
    else this.#followed = new FollowedJournal(this.log.unit, this.#evaluateLive, undefined, { start });
    return { isLost: false };
  }

  /** Reads some new lines. @returns true if more can be read at once @throws the errors of FollowedLog.read */
  read(): boolean {
    if (!this.#followed) return false;
    this.#begin = this.#position();
    return this.#followed.read();
  }

  /** Marks a detection as handled, so that its line is not read again after a crash. */
  handled(detection: Detection): void {
    this.#unhandled.delete(detection);
  }

  /** The position at which to continue after a crash; undefined before reading has begun. */
  get position(): Position | undefined {
    const [oldest] = this.#unhandled.values();
    return oldest ?? this.#position();
  }

  get lag(): number {
    return this.#followed?.lag ?? 0;
  }

  get isThere(): boolean {
    return this.#followed?.isThere ?? false;
  }

  /** Ends a catch-up. */
  stop(): void {
    this.#isStopped = true;
  }

  close(): void {
    this.#begin = this.#position();
    this.#followed?.close();
  }

  #position(): Position | undefined {
    const at = this.#followed?.position;
    if (at && 'time' in at) return at;
    // While the new log is empty, keep the last position, because the rotated file may still grow.
    if (at && (at.offset > 0 || !this.#last)) this.#last = { ...at, time: new Date().toISOString() };
    return this.#last ?? this.#begin;
  }

  /** @returns true if unread lines were lost by a rotation */
  async #catchUp(last: Position): Promise<boolean> {
    const timing = new OwnTime(Math.floor(this.start.getTime() / 1000));
    let isLost = false;
    for (let from = last; ; ) {
      this.#begin = from;
      const news = newLines(this.log, from, this.start, { longest: longestLine(this.log) });
      await this.#evaluateLate(news, timing);
      isLost ||= news.isLost;
      if (this.#isStopped) return isLost;
      const { position = from, end = 0 } = news;
      if (this.log.unit !== undefined) {
        this.#followed = new FollowedJournal(this.log.unit, this.#evaluateLive, position);
        return isLost;
      }
      this.#last = position;
      const followed = this.#followFile(end);
      if (end === 0 || followed.begins(position.head)) return isLost;
      followed.close(); // the log was rotated during the catch-up
      from = position;
    }
  }

  async #evaluateLate(news: NewLines, timing: OwnTime): Promise<void> {
    try {
      await catchUp(news, this.log, this.evaluator, timing, {
        onDetection: (detection) => this.#take(detection, true),
        isStopped: () => this.#isStopped,
      });
    } catch (error) {
      const isUnavailable = error instanceof RiposteError && error.exitCode === EX.UNAVAILABLE;
      // Without journalctl the journal cannot be read yet: FollowedJournal reports that, and tries again.
      if (this.log.unit === undefined || !isUnavailable) throw error;
    }
  }

  readonly #evaluateLive = (lines: readonly Line[]): void => {
    for (const line of lines) {
      for (const detection of this.evaluator.live(line, this.log)) this.#take(detection, false);
    }
  };

  /** @param from the offset of the first unread byte; undefined when the whole file was read */
  #followFile(from: number | undefined): FollowedLog {
    const followed = new FollowedLog(this.path, this.#evaluateLive, from, undefined, longestLine(this.log));
    this.#followed = followed;
    return followed;
  }

  #take(detection: Detection, isLate: boolean): void {
    debug('detection', () => ({ ...detection, isLate }));
    if (this.#begin) this.#unhandled.set(detection, this.#begin);
    this.onDetection(detection, this, isLate);
  }
}
