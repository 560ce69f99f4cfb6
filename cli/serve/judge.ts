import { Engine } from '../../engine/engine.ts';
import type { Event } from '../../engine/event/event.ts';
import { LogClock } from '../../engine/event/log-time.ts';
import { ownCopy } from '../../engine/event/own-copy.ts';
import type { Block } from '../../engine/replayer.ts';
import type { Ruleset } from '../../engine/ruleset/ruleset.ts';
import type { Line } from '../lines.ts';

/** An alert whose source is to be blocked. */
export type Found = Block;

/** How much of an alert's line is kept: many may wait for an answer at once. */
const KEPT_OF_LINE = 2000;
/** How many seconds a clock may be set back before what was counted is worth nothing. */
const SET_BACK = 5;

/** Judges the lines of all logs, each source counted by itself. */
export class Judge {
  lines = 0;
  alerts = 0;
  #engine: Engine;
  #last = 0;

  /**
   * @param level alerts of this level or a higher one block their source
   * @param clock milliseconds since 1970, at which lines come in
   */
  constructor(
    private ruleset: Ruleset,
    private readonly level: number,
    private readonly clock = Date.now,
  ) {
    this.#engine = this.#newEngine();
  }

  /** Goes on with other rules. What was counted by the old ones is forgotten. */
  use(ruleset: Ruleset): void {
    this.ruleset = ruleset;
    this.#engine = this.#newEngine();
  }

  /** Judges a line that has just come in. */
  live({ text }: Line, location: string): Found | undefined {
    const now = Math.floor(this.clock() / 1000);
    // Else what was counted in a future that is not yet would count on until that has come.
    if (now < this.#last - SET_BACK) this.#engine = this.#newEngine();
    this.#last = now;
    return this.#judge(text, location, now);
  }

  /**
   * Judges lines that were written while nobody read, by their own times: all at the time of their arrival they
   * would look like a burst.
   */
  *late(lines: readonly Line[], location: string, clock: LateClock): Generator<Found> {
    for (const { text } of lines) {
      const found = this.#judge(text, location, clock.timeOf(text));
      if (found) yield found;
    }
  }

  #newEngine(): Engine {
    return new Engine(this.ruleset, { counting: 'keyed' });
  }

  #judge(line: string, location: string, time: number): Found | undefined {
    const text = line.endsWith('\r') ? line.slice(0, -1) : line;
    if (text.length === 0) return undefined;
    this.lines++;
    const event = this.#engine.judge(text, time, location);
    if (!event.isAlert) return undefined;
    this.alerts++;
    return this.#found(event, location);
  }

  #found({ rule, srcip, time, fullLog }: Event, location: string): Found | undefined {
    if (!rule || srcip === undefined || rule.level < this.level) return undefined;
    const { id, level, description } = rule;
    const line = ownCopy(fullLog.slice(0, KEPT_OF_LINE));
    return { address: ownCopy(srcip), time, rule: id, level, description, line, location };
  }
}

/** The times that lines say themselves, never in the future; the last one for a line that says none. */
export class LateClock {
  readonly #clock: LogClock;
  #last: number;

  constructor(private readonly now: number) {
    this.#clock = new LogClock(now);
    this.#last = now;
  }

  timeOf(text: string): number {
    this.#last = Math.min(this.#clock.read(text) ?? this.#last, this.now);
    return this.#last;
  }
}
