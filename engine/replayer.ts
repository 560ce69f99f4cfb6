import { Engine } from './engine.ts';
import { LogClock } from './event/log-time.ts';
import { ownCopy } from './event/own-copy.ts';
import type { Ruleset } from './ruleset/ruleset.ts';

/** An address that would have been blocked, and why. */
export interface Block {
  address: string;
  /** Seconds since 1970, by the log. */
  time: number;
  rule: number;
  level: number;
  description: string;
  /** The line that raised the first alert of a sufficient level, and where it is from. Bytes as latin1. */
  line: string;
  location: string;
}

/** What a replay has seen. */
export interface Tally {
  lines: number;
  empty: number;
  /** Lines that no decoder knows. */
  undecoded: number;
  /** Lines with NUL or other control characters, which are left out before the line is judged. */
  control: number;
  /** Lines cut because they are longer than any manager would look at. */
  cut: number;
  withoutTime: number;
  outOfOrder: number;
  alerts: number;
  /** Alerts by rule id. */
  byRule: Map<number, number>;
  firstTime: number | undefined;
  lastTime: number | undefined;
}

const CARRIAGE_RETURN = 13;

/** Runs old log lines through the engine by their own times, and notes whom they would have got blocked. */
export class Replayer {
  readonly tally: Tally = {
    lines: 0,
    empty: 0,
    undecoded: 0,
    control: 0,
    cut: 0,
    withoutTime: 0,
    outOfOrder: 0,
    alerts: 0,
    byRule: new Map(),
    firstTime: undefined,
    lastTime: undefined,
  };
  readonly blocks = new Map<string, Block>();
  private readonly engine: Engine;
  private readonly clock: LogClock;
  private time: number;

  /**
   * @param blockLevel alerts of this level or a higher one block their source
   * @param now seconds since 1970; the time of a first line that says none
   */
  constructor(
    ruleset: Ruleset,
    private readonly blockLevel: number,
    now: number,
  ) {
    this.engine = new Engine(ruleset, { counting: 'keyed' });
    this.clock = new LogClock(now);
    this.time = now;
  }

  /** Judges a line. @returns the block, when this line is the one that begins it */
  next(line: string, cut: number, location: string): Block | undefined {
    const { tally } = this;
    const text = line.charCodeAt(line.length - 1) === CARRIAGE_RETURN ? line.slice(0, -1) : line;
    tally.lines++;
    if (cut > 0) tally.cut++;
    if (text.length === 0) {
      tally.empty++;
      return undefined;
    }
    const event = this.engine.judge(text, this.timeOf(text), location);
    if (event.fullLog.length !== text.length) tally.control++;
    if (!event.decoder) tally.undecoded++;
    if (!event.isAlert || !event.rule) return undefined;
    tally.alerts++;
    tally.byRule.set(event.rule.id, (tally.byRule.get(event.rule.id) ?? 0) + 1);
    if (event.rule.level < this.blockLevel || event.srcip === undefined || this.blocks.has(event.srcip))
      return undefined;
    const { id: rule, level, description } = event.rule;
    const address = ownCopy(event.srcip);
    const block = {
      address,
      time: event.time,
      rule,
      level,
      description,
      line: ownCopy(event.fullLog),
      location,
    };
    this.blocks.set(address, block);
    return block;
  }

  private timeOf(text: string): number {
    const { tally } = this;
    const time = this.clock.read(text);
    if (time === undefined) {
      tally.withoutTime++;
      return this.time;
    }
    if (tally.firstTime !== undefined && time < this.time) tally.outOfOrder++;
    this.time = time;
    if (tally.firstTime === undefined || time < tally.firstTime) tally.firstTime = time;
    if (tally.lastTime === undefined || time > tally.lastTime) tally.lastTime = time;
    return time;
  }
}
