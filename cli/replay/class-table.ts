import { table } from '../../base/table.ts';
import { ANSWERS, type AnswerClass } from '../../evaluate/answers/answer-table.ts';
import type { Detection } from '../../evaluate/detection.ts';

/**
 * A line of the table: the number of sources that would have been blocked for a class, and the number of its alerts.
 */
export interface ClassCount {
  readonly class: string;
  readonly sources: number;
  readonly alerts: number;
}

/** The lines of the table, in order, with the classes of each. */
const LINES: readonly (readonly [name: string, classes: readonly AnswerClass[]])[] = [
  ['unmistakable', ['unmistakable', 'severe']],
  ['probes', ['probes']],
  ['burst', ['burst']],
  ['failed logins', ['logins']],
  ['burst of a robot', ['robot burst']],
  ['error logs, ModSecurity', ['denial', 'honeytrap']],
];
const OTHER = 'other rules';

const lineOf: ReadonlyMap<number, string> = new Map(
  ANSWERS.flatMap(({ rule, class: name }) =>
    LINES.filter(([, classes]) => classes.includes(name)).map(([line]) => [rule, line] as const),
  ),
);

/**
 * Counts by class; leaves out a class without alerts.
 *
 * @param blocks the first detection of each source @param byRule alerts by rule
 */
export function countsByClass(
  blocks: Iterable<Detection>,
  byRule: ReadonlyMap<number, number>,
): ClassCount[] {
  const counts = new Map(
    [...LINES.map(([name]) => name), OTHER].map((name) => [name, { sources: 0, alerts: 0 }]),
  );
  const countOf = (rule: number) => counts.get(lineOf.get(rule) ?? OTHER) ?? { sources: 0, alerts: 0 };
  for (const { rule } of blocks) countOf(rule).sources++;
  for (const [rule, alerts] of byRule) countOf(rule).alerts += alerts;
  return [...counts].flatMap(([name, count]) => (count.alerts > 0 ? [{ class: name, ...count }] : []));
}

export const classTable = (counts: readonly ClassCount[]): string =>
  table([
    ['CLASS', 'SOURCES', 'ALERTS'],
    ...counts.map(({ class: name, sources, alerts }) => [name, `${sources}`, `${alerts}`]),
  ]);
