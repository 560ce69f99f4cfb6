import type { Event } from '../engine/event/event.ts';
import { LogClock } from '../engine/event/log-time.ts';
import type { Ruleset } from '../engine/ruleset/ruleset.ts';
import { sourceNetwork } from '../logs/source-network.ts';
import { type Detection, detectionOf } from './detection.ts';
import type { EvaluatedLog } from './evaluated-log.ts';
import { Evaluator, type EvaluatorOptions } from './evaluator.ts';
import type { Timing } from './timing.ts';

/** The counts of a replay. */
export interface Tally {
  lines: number;
  empty: number;
  /** Lines of `raw` logs that no decoder knows. */
  undecoded: number;
  /** Lines that are not in their log's format. */
  unreadable: number;
  /** Lines of `raw` logs with NUL or other control characters, which are removed before the line is judged. */
  control: number;
  /** Lines that were cut because they are longer than their log allows. */
  cut: number;
  /** Lines without a time. Such a line is not judged if a reader parses it. */
  withoutTime: number;
  /** Records without a client that can be trusted: they block no address. */
  withoutClient: number;
  /** Error records that no request of an access log confirms: they block no address. */
  unconfirmed: number;
  outOfOrder: number;
  alerts: number;
  /** Alerts by rule id. */
  byRule: Map<number, number>;
  firstTime: number | undefined;
  lastTime: number | undefined;
}

const CARRIAGE_RETURN = 13;

/** Runs old log lines through the rules by their own times, and notes which addresses would have been blocked. */
export class Replayer {
  readonly tally: Tally = {
    lines: 0,
    empty: 0,
    undecoded: 0,
    unreadable: 0,
    control: 0,
    cut: 0,
    withoutTime: 0,
    withoutClient: 0,
    unconfirmed: 0,
    outOfOrder: 0,
    alerts: 0,
    byRule: new Map(),
    firstTime: undefined,
    lastTime: undefined,
  };
  readonly blocks = new Map<string, Detection>();
  /** Called with each event and the event's source. The source has the form of a key of `blocks`. */
  onEvent: ((event: Event, source: string) => void) | undefined;
  private readonly evaluator: Evaluator;
  private readonly timing: ReplayTime;

  /**
   * @param blockLevel alerts of this level or a higher one block their source
   * @param now seconds since 1970: the time of the first line if the line itself has no time
   */
  constructor(
    ruleset: Ruleset,
    private readonly blockLevel: number,
    now: number,
    private readonly options: EvaluatorOptions = { trustsErrorLog: false, hasErrorLog: false },
  ) {
    this.evaluator = new Evaluator(ruleset, options);
    this.timing = new ReplayTime(this.tally, now);
  }

  /**
   * Judges a line.
   *
   * @returns the block if this line is the first to cause it; a detection that depends on a robot's
   * proof may be returned again until `confirm` is called for it
   */
  next(line: string, cut: number, log: EvaluatedLog): Detection | undefined {
    const { tally, evaluator } = this;
    const text = line.charCodeAt(line.length - 1) === CARRIAGE_RETURN ? line.slice(0, -1) : line;
    tally.lines++;
    if (cut > 0) tally.cut++;
    if (text.length === 0) {
      tally.empty++;
      return undefined;
    }
    const event = evaluator.judge(log, { text, cut }, this.timing);
    tally.unconfirmed = evaluator.unconfirmed;
    if (!event) return undefined;
    if (!log.reader) {
      if (event.fullLog.length !== text.length) tally.control++;
      if (!event.decoder) tally.undecoded++;
    }
    return this.blockFor(event);
  }

  /** The key of an address in `blocks`: the network of the address that counts as one source. */
  sourceOf(address: string): string {
    return sourceNetwork(address, this.options.ipv6Prefix ?? 128);
  }

  /** Notes a block. @returns false if another block of the same source was noted before */
  confirm(detection: Detection): boolean {
    const source = this.sourceOf(detection.address);
    const known = this.blocks.get(source);
    if (!known) this.blocks.set(source, detection);
    return !known || known === detection;
  }

  /** Adds the counters of a log's reader. Call it once, after the log's last line. */
  finish({ reader }: EvaluatedLog): void {
    if (!reader) return;
    this.tally.unreadable += reader.counts.unreadable;
    this.tally.withoutClient += reader.counts.withoutClient;
  }

  private blockFor(event: Event): Detection | undefined {
    const { tally } = this;
    const isAlert = event.isAlert && event.rule !== undefined;
    if (!isAlert && !this.onEvent) return undefined;
    const source = event.srcip && this.sourceOf(event.srcip);
    if (source !== undefined) this.onEvent?.(event, source);
    if (!event.isAlert || !event.rule) return undefined;
    tally.alerts++;
    tally.byRule.set(event.rule.id, (tally.byRule.get(event.rule.id) ?? 0) + 1);
    if (source !== undefined && this.blocks.has(source)) return undefined;
    const detection = detectionOf(event, { level: this.blockLevel, rules: this.options.answerRules });
    if (detection && !detection.claim) this.blocks.set(source ?? '', detection);
    return detection;
  }
}

/** Judges each line at its own time, and counts lines without a time or out of order. */
class ReplayTime implements Timing {
  readonly isLive = false;
  readonly #clock: LogClock;
  #last: number;

  constructor(
    private readonly tally: Tally,
    now: number,
  ) {
    this.#clock = new LogClock(now);
    this.#last = now;
  }

  ofRecord(time: number | undefined): number | undefined {
    if (time === undefined) this.tally.withoutTime++;
    else this.#note(time);
    return time;
  }

  /** A line without a time gets the time of the line before. */
  ofText(text: string): number {
    const time = this.#clock.read(text);
    if (time === undefined) {
      this.tally.withoutTime++;
      return this.#last;
    }
    this.#note(time);
    return time;
  }

  #note(time: number): void {
    const { tally } = this;
    if (tally.firstTime !== undefined && time < this.#last) tally.outOfOrder++;
    this.#last = time;
    if (tally.firstTime === undefined || time < tally.firstTime) tally.firstTime = time;
    if (tally.lastTime === undefined || time > tally.lastTime) tally.lastTime = time;
  }
}
