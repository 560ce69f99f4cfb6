import type { Ruleset } from '../../engine/ruleset/ruleset.ts';
import type { Detection } from '../../evaluate/detection.ts';
import type { EvaluatedLog } from '../../evaluate/evaluated-log.ts';
import type { EvaluatorOptions } from '../../evaluate/evaluator.ts';
import { Replayer } from '../../evaluate/replayer.ts';

/** A line, and the log that holds it. */
export interface LoggedLine {
  readonly text: string;
  readonly cut: number;
  readonly log: EvaluatedLog;
}

/** The rules by which lines are judged. */
export interface Rules {
  readonly ruleset: Ruleset;
  readonly level: number;
  readonly now: number;
  readonly evaluator: EvaluatorOptions;
}

/** Judges these lines in their order. @returns the detection of this source, if the lines cause one */
export function answerTo(lines: readonly LoggedLine[], source: string, rules: Rules): Detection | undefined {
  const { ruleset, level, now, evaluator } = rules;
  const replayer = new Replayer(ruleset, level, now, evaluator);
  for (const { text, cut, log } of lines) replayer.next(text, cut, log);
  return replayer.blocks.get(replayer.sourceOf(source));
}
