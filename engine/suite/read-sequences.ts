import { configError } from '../failure.ts';

/** Lines for one run, each with its time and its expected final rule. */
export interface Sequence {
  file: string;
  line: number;
  section: string;
  steps: Step[];
}

export interface Step {
  line: number;
  /** The time of arrival after the start of the sequence. */
  seconds: number;
  /** `RULE:LEVEL`, `-` for no rule, `*` for anything. */
  expected: string;
  log: string;
}

const STEP = /^(\d+(?:\.\d+)?)\s+(\d+:\d+|-|\*)\s+(.*)$/;

/**
 * Reads a .seq file, for rules that count: sections of lines `SECONDS  RULE:LEVEL  LINE`.
 *
 * @throws RiposteError (CONFIG) with file and line for a line of another form
 */
export function readSequences(text: string, file: string): Sequence[] {
  const sequences: Sequence[] = [];
  for (const [i, raw] of text.split(/\r?\n/).entries()) {
    const line = i + 1;
    if (raw.trim() === '' || /^[#;]/.test(raw)) continue;
    const heading = /^\[(.*)\]\s*$/.exec(raw);
    const step = STEP.exec(raw);
    const last = sequences.at(-1);
    if (heading) sequences.push({ file, line, section: heading[1] ?? '', steps: [] });
    else if (step && last) {
      last.steps.push({ line, seconds: Number(step[1]), expected: step[2] ?? '', log: step[3] ?? '' });
    } else {
      throw configError(
        { file, line },
        `'${raw.slice(0, 40)}' is neither a [section] nor SECONDS RULE:LEVEL LINE`,
      );
    }
  }
  return sequences;
}
