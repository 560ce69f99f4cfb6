import { format } from 'date-fns/format';
import type { JournalEvent } from '../../active-response/record/journal.ts';
import { networkName, type Place } from '../../base/place.ts';
import { printable } from '../../base/printable.ts';
import { zoneName } from '../zone.ts';

/** Times are in this host's own zone. */
const TIME = `TIME (${zoneName()})`;

/**
 * The columns of the table, and their minimum widths. The widths are fixed, because rows are printed while the journal
 * is read.
 */
const COLUMNS = [
  [TIME, Math.max(19, TIME.length)],
  ['EVENT', 9],
  ['RESPONSE', 13],
  ['ADDRESS', 15],
  ['RULE', 6],
  ['OFFENCE', 7],
  ['UNTIL', 19],
] as const;
const PLACES = [
  ['COUNTRY', 7],
  ['NETWORK', 24],
] as const;
const REASON = [['REASON', 0]] as const;

type Columns = readonly (readonly [name: string, width: number])[];

const columnsOf = (hasPlaces: boolean): Columns => [...COLUMNS, ...(hasPlaces ? PLACES : []), ...REASON];

/** The table's head. @param hasPlaces true for columns with the country and the network of each address */
export const headOf = (hasPlaces: boolean): string =>
  row(
    columnsOf(hasPlaces).map(([name]) => name),
    columnsOf(hasPlaces),
  );

/**
 * Renders an event as a row: one printable line, whatever the journal holds.
 *
 * @param placeOf returns the place of an address; undefined for a table without columns for places
 */
export function rowOf(event: JournalEvent, placeOf?: (address: string) => Place): string {
  const { time, response, address, rule, offence, until, reason, note, origin } = event;
  const from = typeof origin === 'string' ? `from ${origin}` : undefined;
  const reasons = [from, note, reason].filter((text) => text !== undefined && text !== '');
  const place = placeOf?.(typeof address === 'string' ? address : '');
  const cells = [
    localTime(time),
    cell(event.event),
    cell(response),
    cell(address),
    cell(rule),
    cell(offence),
    localTime(until),
    ...(place ? [place.country ?? '-', networkName(place) ?? '-'] : []),
    reasons.map((text) => cell(text, 500)).join('; '),
  ];
  return row(cells, columnsOf(place !== undefined));
}

/** Renders an event as JSON that is safe on a terminal: also escapes the control characters that JSON leaves alone. */
export const jsonOf = (event: JournalEvent): string =>
  printable(JSON.stringify(event), Number.POSITIVE_INFINITY);

/** Renders a time in local time, or `-` if it is invalid, because the journal may be damaged. */
function localTime(time: unknown): string {
  const date = typeof time === 'string' ? new Date(time) : undefined;
  return date === undefined || Number.isNaN(date.getTime()) ? '-' : format(date, 'yyyy-MM-dd HH:mm:ss');
}

/** Renders any value, because a damaged journal may hold other types. */
function cell(value: unknown, limit = 80): string {
  if (value === undefined || value === null || value === '') return '-';
  return printable(typeof value === 'object' ? JSON.stringify(value) : String(value), limit);
}

function row(cells: readonly string[], columns: Columns): string {
  return cells
    .map((text, column) => text.padEnd(columns[column]?.[1] ?? 0))
    .join('  ')
    .trimEnd();
}
