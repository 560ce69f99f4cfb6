import { LogClock } from '../engine/event/log-time.ts';

/** Decides at what time a line's event happened, in seconds since 1970. */
export interface Timing {
  /** True for lines that are read as they arrive: the request that confirms an error may still follow. */
  readonly isLive: boolean;
  /** @param time the record's own @returns undefined for a record that cannot be judged without its time */
  ofRecord(time: number | undefined): number | undefined;
  /** The time of a line that no reader parses. */
  ofText(text: string): number;
}

/** The timing of lines that are read as they arrive: every line happens now. */
export class Arrival implements Timing {
  readonly isLive = true;
  /** Seconds since 1970. */
  now = 0;

  ofRecord(): number {
    return this.now;
  }

  ofText(): number {
    return this.now;
  }
}

/**
 * The timing of lines that were written while Riposte did not run: a line happens at its own time, but never in the
 * future. A record without a time cannot be judged: if all such records had the time of reading, they would look like a
 * burst.
 */
export class OwnTime implements Timing {
  readonly isLive = false;
  readonly #clock: LogClock;
  #last: number;

  /** @param now seconds since 1970 */
  constructor(private readonly now: number) {
    this.#clock = new LogClock(now);
    this.#last = now;
  }

  ofRecord(time: number | undefined): number | undefined {
    return time === undefined ? undefined : Math.min(time, this.now);
  }

  /** A line without a time gets the time of the line before. */
  ofText(text: string): number {
    this.#last = Math.min(this.#clock.read(text) ?? this.#last, this.now);
    return this.#last;
  }
}
