import { format } from 'date-fns/format';
import type { JournalEvent } from '../../active-response/journal.ts';
import { printable } from '../../active-response/printable.ts';

/** The columns of the table, and how wide each is at the least: rows are written as they are found. */
const COLUMNS = [
  ['TIME', 19],
  ['EVENT', 9],
  ['RESPONSE', 13],
  ['ADDRESS', 15],
  ['RULE', 6],
  ['OFFENCE', 7],
  ['UNTIL', 19],
  ['REASON', 0],
] as const;

/** The head of the table. Times are local. */
export const HEAD = row(COLUMNS.map(([name]) => name));

/** An event as a row. Whatever stands in the journal, it is one line, and printable. */
export function rowOf({
  time,
  event,
  response,
  address,
  rule,
  offence,
  until,
  reason,
  note,
}: JournalEvent): string {
  const reasons = [note, reason].filter((text) => text !== undefined && text !== '');
  return row([
    localTime(time),
    cell(event),
    cell(response),
    cell(address),
    cell(rule),
    cell(offence),
    localTime(until),
    reasons.map((text) => cell(text, 500)).join('; '),
  ]);
}

/** An event as JSON that a terminal may be shown: what JSON leaves as it is of control characters is escaped. */
export const jsonOf = (event: JournalEvent): string =>
  printable(JSON.stringify(event), Number.POSITIVE_INFINITY);

/** A time in local time, or `-`: it comes from a file that anybody may have edited. */
function localTime(time: unknown): string {
  const date = typeof time === 'string' ? new Date(time) : undefined;
  return date === undefined || Number.isNaN(date.getTime()) ? '-' : format(date, 'yyyy-MM-dd HH:mm:ss');
}

/** Types are what the journal should hold, not what a damaged one does. */
function cell(value: unknown, limit = 80): string {
  if (value === undefined || value === null || value === '') return '-';
  return printable(typeof value === 'object' ? JSON.stringify(value) : String(value), limit);
}

function row(cells: readonly string[]): string {
  return cells
    .map((text, column) => text.padEnd(COLUMNS[column]?.[1] ?? 0))
    .join('  ')
    .trimEnd();
}
