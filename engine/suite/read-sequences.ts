import { configError } from '../failure.ts';

/** Lines that are given to one run, each at its time, and the final rule that each must get. */
export interface Sequence {
  file: string;
  line: number;
  section: string;
  steps: Step[];
}

export interface Step {
  line: number;
  /** When the line arrives, after the start of the sequence. */
  seconds: number;
  /** `RULE:LEVEL`, `-` for no rule, `*` for anything. */
  expected: string;
  log: string;
}

const STEP = /^(\d+(?:\.\d+)?)\s+(\d+:\d+|-|\*)\s+(.*)$/;

/**
 * Reads a .seq file: sections of lines `SECONDS  RULE:LEVEL  LINE`, for rules that count.
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
