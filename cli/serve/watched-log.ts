import { fileError } from '../../active-response/files.ts';
import type { Line } from '../lines.ts';
import { readLines } from '../lines.ts';
import { headOf, type Position } from '../logs/position.ts';
import { readPart } from '../logs/read-part.ts';
import { type Part, type Unread, unreadOf } from '../logs/unread.ts';
import { FollowedLog } from './follow-log.ts';
import { type Found, type Judge, LateClock } from './judge.ts';

/** Told of whom the rules found in a log. `isLate` when the line was written while nobody read. */
export type OnFound = (found: Found, log: WatchedLog, isLate: boolean) => void;

/**
 * A log that a server reads: first what was written since a server last did, then what comes. It knows up to
 * where all that was found has been answered: from there it is read again after a crash.
 */
export class WatchedLog {
  #followed: FollowedLog | undefined;
  /** Where the reading stood when something was found that is not yet answered. */
  readonly #unanswered = new Map<Found, Position>();
  /** Where the lines that are judged now begin; undefined before it has begun. */
  #begin: Position | undefined;
  /** Where its reading ended last while there was something in it. */
  #last: Position | undefined;
  #isStopped = false;

  constructor(
    readonly path: string,
    private readonly judge: Judge,
    private readonly onFound: OnFound,
    private readonly start = new Date(),
  ) {}

  /**
   * Judges what was written while no server ran; the first time nothing. Then follows the log. When it is
   * stopped meanwhile, the position stays where it was.
   *
   * @param last up to where it was read before
   * @throws RiposteError (NOPERM, IOERR) when the log is there and cannot be read
   */
  async catchUp(last: Position | undefined): Promise<{ isLost: boolean }> {
    if (last === undefined) {
      this.#begin = { offset: 0, head: headOf(Buffer.alloc(0)), time: this.start.toISOString() };
      this.#follow(undefined);
      return { isLost: false };
    }
    let isLost = false;
    const clock = new LateClock(Math.floor(this.start.getTime() / 1000));
    for (let from = last; ; ) {
      this.#begin = from;
      const unread = this.#unread(from);
      isLost ||= unread.isLost;
      for (const part of unread.parts) await this.#judgePart(part, clock);
      if (this.#isStopped) return { isLost };
      const { position = from, end = 0 } = unread;
      this.#last = position;
      const followed = this.#follow(end);
      if (end === 0 || followed.begins(position.head)) return { isLost };
      followed.close(); // rotated while that was read
      from = position;
    }
  }

  /** Reads some of what is new. @returns whether there is more to read at once. @throws as FollowedLog.read */
  read(): boolean {
    if (!this.#followed) return false;
    this.#begin = this.#position();
    return this.#followed.read();
  }

  answered(found: Found): void {
    this.#unanswered.delete(found);
  }

  /** From where to read on after a crash; undefined before it has begun. */
  get position(): Position | undefined {
    const [oldest] = this.#unanswered.values();
    return oldest ?? this.#position();
  }

  get lag(): number {
    return this.#followed?.lag ?? 0;
  }

  get isThere(): boolean {
    return this.#followed?.isThere ?? false;
  }

  /** Ends the catching up. */
  stop(): void {
    this.#isStopped = true;
  }

  close(): void {
    this.#begin = this.#position();
    this.#followed?.close();
  }

  #position(): Position | undefined {
    const at = this.#followed?.position;
    // Of an empty log the position tells nothing: what it was before may still grow.
    if (at && (at.offset > 0 || !this.#last)) this.#last = { ...at, time: new Date().toISOString() };
    return this.#last ?? this.#begin;
  }

  #unread(from: Position): Unread {
    try {
      return unreadOf(this.path, from, this.start);
    } catch (error) {
      throw fileError('read', this.path, error);
    }
  }

  async #judgePart(part: Part, clock: LateClock): Promise<void> {
    for await (const lines of readLines(readPart(part))) {
      if (this.#isStopped) return;
      for (const found of this.judge.late(lines, this.path, clock))
        if (!part.isContext) this.#tell(found, true);
    }
  }

  #follow(from: number | undefined): FollowedLog {
    const judgeAll = (lines: readonly Line[]) => {
      for (const line of lines) {
        const found = this.judge.live(line, this.path);
        if (found) this.#tell(found, false);
      }
    };
    this.#followed = new FollowedLog(this.path, judgeAll, from);
    return this.#followed;
  }

  #tell(found: Found, isLate: boolean): void {
    if (this.#begin) this.#unanswered.set(found, this.#begin);
    this.onFound(found, this, isLate);
  }
}
