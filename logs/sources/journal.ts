/** The position in the journal from which a unit's lines are read. */
export interface JournalPosition {
  /** The cursor of the last line that was read; undefined when none was. */
  readonly cursor?: string | undefined;
  /** When that line was written, ISO 8601; without a cursor, the time from which lines are read. */
  readonly time: string;
}

/** The lines that journalctl must print. */
export interface JournalQuery {
  readonly unit: string;
  /** Undefined: from the first line of the journal. */
  readonly from: JournalPosition | undefined;
  /** True if journalctl waits for further lines. */
  readonly follows: boolean;
}

/** The fields that the carrier `journald` uses; journalctl adds cursor, times and the boot by itself. */
const FIELDS =
  'MESSAGE,PRIORITY,SYSLOG_IDENTIFIER,_HOSTNAME,_PID,_STREAM_ID,_LINE_BREAK,CONTAINER_ID_FULL,CONTAINER_PARTIAL_MESSAGE';

/**
 * Arguments of journalctl(1) that print a unit's lines as JSON, the oldest first. Without `--all`, journalctl leaves
 * out a message of more than 4096 bytes. Without the match `_SYSTEMD_UNIT=`, `-u` also prints systemd's own messages
 * about the unit.
 */
export const journalArguments = ({ unit, from, follows }: JournalQuery): string[] => [
  ...(follows ? ['--follow', '--no-tail'] : []),
  ...(from === undefined ? [] : [fromArgument(from)]),
  ...printed(unit),
];

/**
 * Arguments of journalctl(1) that print the lines up to a cursor's line, the latest first; undefined for a cursor
 * without a time.
 */
export function journalArgumentsBefore(unit: string, cursor: string): string[] | undefined {
  const time = timeOfCursor(cursor);
  return time === undefined ? undefined : ['--reverse', `--until=@${microseconds(time)}`, ...printed(unit)];
}

/** Arguments of journalctl(1) that print the writers of a unit's last lines, as JSON. */
export const journalArgumentsOfLast = (unit: string, count: number): string[] => [
  `--lines=${count}`,
  ...printed(unit, 'CONTAINER_ID_FULL,_COMM'),
];

/** The cursor of a line that journalctl has printed; undefined when it has none. */
export const cursorOf = (line: string): string | undefined => textAfter(line, '"__CURSOR":"');

/**
 * The time at which a line in journalctl's output was written, in microseconds since 1970; undefined when the line has
 * no time.
 */
export function timeOfLine(line: string): number | undefined {
  const time = Number(textAfter(line, '"__REALTIME_TIMESTAMP":"') ?? Number.NaN);
  return Number.isSafeInteger(time) ? time : undefined;
}

/**
 * The time at which the line of a cursor was written, in microseconds since 1970: the cursor's `t=` (systemd's
 * sd_journal_get_cursor(3)).
 */
export function timeOfCursor(cursor: string): number | undefined {
  const [, hex] = /(?:^|;)t=([0-9a-f]{1,13})(?:;|$)/.exec(cursor) ?? [];
  return hex === undefined ? undefined : Number.parseInt(hex, 16);
}

/**
 * The position after the line of a cursor.
 *
 * @param otherwise the time when the line was read, for a cursor without a time
 */
export function positionAt(cursor: string, otherwise: Date): JournalPosition {
  const time = timeOfCursor(cursor);
  return { cursor, time: (time === undefined ? otherwise : new Date(time / 1000)).toISOString() };
}

/** True if a text can be a cursor, and is safe as an argument of a program. */
export const isCursor = (text: unknown): text is string =>
  typeof text === 'string' && /^[\w;=.+-]{1,500}$/.test(text);

const printed = (unit: string, fields = FIELDS): string[] => [
  '--output=json',
  '--all',
  `--output-fields=${fields}`,
  '--no-pager',
  '--quiet',
  '-u',
  unit,
  `_SYSTEMD_UNIT=${unit}`,
];

const fromArgument = ({ cursor, time }: JournalPosition): string =>
  cursor === undefined ? `--since=@${microseconds(Date.parse(time) * 1000)}` : `--after-cursor=${cursor}`;

/** Writes seconds since 1970 with a fraction, as systemd.time(7) accepts them. */
const microseconds = (time: number): string => (time / 1_000_000).toFixed(6);

/**
 * The text of a field. JSON escapes a quote inside a text as `\"`, so a message cannot hold the beginning of a field.
 */
function textAfter(line: string, begin: string): string | undefined {
  const at = line.indexOf(begin);
  if (at === -1) return undefined;
  const from = at + begin.length;
  const end = line.indexOf('"', from);
  return end === -1 ? undefined : line.slice(from, end);
}
