/** The numbers of tests that passed, failed and were skipped. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** Adds counts to a total. */
export function addTo(total: Counts, { passed, failed, skipped }: Counts): void {
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
}

/** Reads the counts in uvu's closing lines: `Total: 3`, `Passed: 2`, `Skipped: 1`. An interrupted suite prints none. */
export function countsIn(output: string): Counts {
  const number = (name: string) => Number(new RegExp(`^\\s*${name}:\\s+(\\d+)`, 'm').exec(output)?.[1] ?? 0);
  const [all, passed, skipped] = [number('Total'), number('Passed'), number('Skipped')];
  return { passed, failed: all - passed, skipped };
}

/**
 * The line about one test file. If a test failed, all output of the file follows; otherwise the skipped tests and the
 * reasons follow.
 */
export function lineOf(name: string, counts: Counts, seconds: number, output: string): string {
  const hasFailed = counts.failed > 0;
  const skipped = output
    .replace(/^(?!skipped: ).*\n?/gm, '')
    .replace(/^/gm, '    ')
    .trimEnd();
  const notes = hasFailed ? `\n${output}` : skipped;
  const line = `${hasFailed ? 'FAIL' : 'ok  '} ${name}  ${describe(counts)}  ${seconds.toFixed(1)} s`;
  return notes === '' ? line : `${line}\n${notes}`;
}

function describe({ passed, failed, skipped }: Counts): string {
  return [`${passed} passed`, failed > 0 && `${failed} failed`, skipped > 0 && `${skipped} skipped`]
    .filter(Boolean)
    .join(', ');
}

/** The closing lines of a run: the failures again, because people look for them there, and the counts. */
export function closing(failures: readonly string[], { passed, failed, skipped }: Counts): string {
  const counts = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
  return [...failures, counts].map((text) => `\n${text}`).join('\n');
}

const CLOSING = /\n(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\s*$/;

/** Reads the counts in the closing line of a run. All are 0 if the run has no closing line, as after a crash. */
export function closingCounts(output: string): Counts {
  const [, passed, failed, skipped] = CLOSING.exec(output) ?? [];
  return { passed: Number(passed ?? 0), failed: Number(failed ?? 0), skipped: Number(skipped ?? 0) };
}

/** The output of a run without its closing line. */
export function withoutClosing(output: string): string {
  return output.replace(CLOSING, '').trimEnd();
}

/** The failed files in the output of a run, each file once and with its output. */
export function failuresIn(output: string): string[] {
  const parts = output.split(/^(?=(?:ok {2}|FAIL) )/m).filter((part) => part.startsWith('FAIL '));
  return [...new Set(parts.map((part) => part.trimEnd()))];
}
