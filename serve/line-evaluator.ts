import type { Ruleset } from '../engine/ruleset/ruleset.ts';
import { type Detection, detectionOf } from '../evaluate/detection.ts';
import type { EvaluatedLog } from '../evaluate/evaluated-log.ts';
import { Evaluator, type EvaluatorOptions } from '../evaluate/evaluator.ts';
import type { JudgedEvent } from '../evaluate/join-verdict.ts';
import { Arrival, type OwnTime, type Timing } from '../evaluate/timing.ts';
import type { Exceptions } from '../judgement/exceptions/exceptions.ts';
import type { Line } from '../logs/files/lines.ts';

/** The number of characters of a detection's line that are kept, because many detections may wait at once. */
const KEPT_OF_LINE = 2000;
/** If the clock is set back by more seconds than this, the rules' counters are reset. */
const SET_BACK = 5;

export interface LineEvaluatorOptions extends EvaluatorOptions {
  /** The number of characters of a detection's line that are kept. */
  readonly keptOfLine?: number;
}

/** Evaluates the lines of all logs. The rules count each source separately. */
export class LineEvaluator {
  lines = 0;
  alerts = 0;
  readonly evaluator: Evaluator;
  readonly #arrival = new Arrival();

  /**
   * @param level the lowest level of alerts that block their source
   * @param clock milliseconds since 1970, the time of arrival of live lines
   */
  constructor(
    ruleset: Ruleset,
    private readonly level: number,
    private readonly options: LineEvaluatorOptions = { trustsErrorLog: false, hasErrorLog: true },
    private readonly clock = Date.now,
  ) {
    this.evaluator = new Evaluator(ruleset, options);
  }

  /** Switches to other rules, and forgets the counters of the old rules. */
  use(ruleset: Ruleset): void {
    this.evaluator.use(ruleset);
  }

  /** Switches to other exceptions. Keeps the counts. */
  except(exceptions: Exceptions): void {
    this.evaluator.except(exceptions);
  }

  /** Evaluates a line that has just arrived. @returns usually none; several if error records were waiting for this line */
  live(line: Line, log: EvaluatedLog): readonly Detection[] {
    this.#tick();
    return this.#evaluate(line, log, this.#arrival);
  }

  /**
   * Evaluates lines that were written while no process read the log. Uses the times in the lines, because by their time
   * of arrival, the lines would look like a burst.
   */
  *late(lines: readonly Line[], log: EvaluatedLog, timing: OwnTime): Generator<Detection> {
    for (const line of lines) yield* this.#evaluate(line, log, timing);
  }

  /** Evaluates error records that no request has confirmed in time, without their source. Call this periodically. */
  expire(): void {
    this.evaluator.expire(this.#tick());
    this.#takeDue();
  }

  #tick(): number {
    const now = Math.floor(this.clock() / 1000);
    // Without a reset, counters with times in the future would last until those times.
    if (now < this.#arrival.now - SET_BACK) this.evaluator.use();
    this.#arrival.now = now;
    return now;
  }

  #evaluate({ text: whole, cut }: Line, log: EvaluatedLog, timing: Timing): readonly Detection[] {
    const text = whole.endsWith('\r') ? whole.slice(0, -1) : whole;
    if (text.length === 0) return NONE;
    this.lines++;
    const event = this.evaluator.judge(log, { text, cut }, timing);
    const detection = event && this.#detectionOf(event);
    if (this.evaluator.due.length === 0) return detection ? [detection] : NONE;
    return [...(detection ? [detection] : []), ...this.#takeDue()];
  }

  #takeDue(): Detection[] {
    return this.evaluator.due.splice(0).flatMap((event) => this.#detectionOf(event) ?? []);
  }

  #detectionOf(event: JudgedEvent): Detection | undefined {
    if (!event.isAlert) return undefined;
    this.alerts++;
    const choice = { level: this.level, rules: this.options.answerRules };
    return detectionOf(event, choice, this.options.keptOfLine ?? KEPT_OF_LINE);
  }
}

const NONE: readonly Detection[] = [];
