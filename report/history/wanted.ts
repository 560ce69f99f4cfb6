import { parseISO } from 'date-fns/parseISO';
import { TELLERS } from '../../active-response/record/journal.ts';
import type { Outcome } from '../../active-response/record/outcome.ts';
import { RESPONSES } from '../../active-response/response/responses.ts';
import { seconds } from '../../active-response/settings/values.ts';
import { type Address, overlaps, parseAddress } from '../../base/address.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';

/** Decides from the text of a journal line whether the line is wanted, so that unwanted lines are not parsed. */
export type Wanted = (line: string) => boolean;

/** The names in the journal: those of responses, and of programs that only send alerts or reports. */
export const IN_JOURNAL = [...RESPONSES.map(({ name }) => name), ...TELLERS];

/** The outcomes in the journal. */
export const EVENTS = [
  'blocked',
  'unblocked',
  'restored',
  'already',
  'kept',
  'held',
  'failed',
  'spooled',
  'sent',
  'rehearsed',
] as const satisfies readonly Outcome['word'][];

/** The events that history should list, as given by the options. */
export interface Selection {
  /** An address or prefix. */
  readonly address: string | undefined;
  /** An age such as `7d`, or a date. */
  readonly since: string | undefined;
  readonly responses: readonly string[];
  /** Outcomes; one item may hold several, separated by commas. */
  readonly events: readonly string[];
}

/**
 * Makes a filter for lines of the journal.
 *
 * An address selects the events about itself and about prefixes that contain it; a prefix also selects the events about
 * its addresses.
 *
 * @throws RiposteError (USAGE, DATAERR) for an invalid value
 */
export function wantedOf({ address, since, responses, events }: Selection, now = new Date()): Wanted {
  const tests: Wanted[] = [];
  if (address !== undefined) tests.push(aboutAddress(parseAddress(address)));
  if (since !== undefined) tests.push(from(timeOf(since, now)));
  if (responses.length > 0) tests.push(among('response', responses.map(responseIn)));
  const names = events.flatMap((each) => each.split(','));
  if (names.length > 0) tests.push(among('event', names.map(eventNamed)));
  return (line) => tests.every((test) => test(line));
}

// JSON escapes quotes inside a text, so these patterns match only fields, whatever an attacker wrote.
const ADDRESS = /"address" ?: ?"([^"\\]*)"/;
const TIME = /"time" ?: ?"([^"\\]*)"/;

function aboutAddress(address: Address): Wanted {
  return (line) => {
    const text = ADDRESS.exec(line)?.[1];
    if (text === undefined) return false;
    if (text === address.text) return true;
    // Two different addresses without a prefix cannot overlap.
    if (!address.text.includes('/') && !text.includes('/')) return false;
    try {
      return overlaps(parseAddress(text), address);
    } catch {
      return false;
    }
  };
}

/** Selects events from this time on. All times are in UTC and in one form, so their texts sort like the times. */
export function from(time: Date): Wanted {
  const since = time.toISOString();
  return (line) => (TIME.exec(line)?.[1] ?? '') >= since;
}

function among(field: string, values: readonly string[]): Wanted {
  const form = new RegExp(`"${field}" ?: ?"(?:${values.join('|')})"`);
  return (line) => form.test(line);
}

/**
 * Parses --since: an age such as `7d`, or an ISO 8601 date with or without a time of day, in local time if it names no
 * zone. @throws RiposteError (USAGE)
 */
export function timeOf(text: string, now: Date): Date {
  const ago = seconds(text);
  const time = ago === undefined ? parseISO(text) : new Date(now.getTime() - ago * 1000);
  if (!Number.isNaN(time.getTime())) return time;
  const form = 'an age such as 7d, or a date such as 2026-11-20 or 2026-11-20T09:00';
  throw new RiposteError(EX.USAGE, `--since must be ${form}, not '${printable(text, 40)}'`);
}

function responseIn(name: string): string {
  if (IN_JOURNAL.includes(name)) return name;
  throw new RiposteError(
    EX.USAGE,
    `there is no response '${printable(name, 40)}'; the journal holds events of ${IN_JOURNAL.join(', ')}`,
  );
}

function eventNamed(text: string): string {
  if (EVENTS.some((event) => event === text)) return text;
  throw new RiposteError(
    EX.USAGE,
    `--event must be some of ${EVENTS.join(',')}, not '${printable(text, 40)}'`,
  );
}
