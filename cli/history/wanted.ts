import { parseISO } from 'date-fns/parseISO';
import { type Address, overlaps, parseAddress } from '../../active-response/address.ts';
import { EX, RiposteError } from '../../active-response/errors.ts';
import type { Outcome } from '../../active-response/outcome.ts';
import { printable } from '../../active-response/printable.ts';
import { RESPONSES } from '../../active-response/response/responses.ts';
import { seconds } from '../../active-response/settings/values.ts';
import type { Arguments } from '../arguments.ts';

/** Which lines of the journal are wanted, told by their text alone: most need no parsing then. */
export type Wanted = (line: string) => boolean;

/** The responses that the journal tells of: also the one that blocks nobody. */
export const IN_JOURNAL = [...RESPONSES.map(({ name }) => name), 'email-alert'];

/** The outcomes that the journal holds. */
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

/**
 * What the options of history ask for.
 *
 * An address is found in every event about it or about a prefix around it, a prefix also in those about its
 * addresses.
 *
 * @throws RiposteError (USAGE, DATAERR) for a value that is none
 */
export function wantedOf(given: Arguments, now = new Date()): Wanted {
  const tests: Wanted[] = [];
  const [text, another] = given.rest;
  if (another !== undefined)
    throw new RiposteError(EX.USAGE, `history takes one address or prefix, not ${given.rest.length}`);
  if (text !== undefined) tests.push(aboutAddress(parseAddress(text)));
  const since = given.value('since');
  if (since !== undefined) tests.push(from(timeOf(since, now)));
  const responses = given.all('response');
  if (responses.length > 0) tests.push(among('response', responses.map(responseIn)));
  const events = given.all('event').flatMap((each) => each.split(','));
  if (events.length > 0) tests.push(among('event', events.map(eventNamed)));
  return (line) => tests.every((test) => test(line));
}

// A quote inside a text is escaped in JSON, so these match at fields only, whatever an attacker wrote.
const ADDRESS = /"address" ?: ?"([^"\\]*)"/;
const TIME = /"time" ?: ?"([^"\\]*)"/;

function aboutAddress(address: Address): Wanted {
  return (line) => {
    const text = ADDRESS.exec(line)?.[1];
    if (text === undefined) return false;
    if (text === address.text) return true;
    // One address can only be met by a prefix around it.
    if (!address.text.includes('/') && !text.includes('/')) return false;
    try {
      return overlaps(parseAddress(text), address);
    } catch {
      return false;
    }
  };
}

/** Times of the journal are in UTC and of one form, so their texts compare as they do. */
export function from(time: Date): Wanted {
  const since = time.toISOString();
  return (line) => (TIME.exec(line)?.[1] ?? '') >= since;
}

function among(field: string, values: readonly string[]): Wanted {
  const form = new RegExp(`"${field}" ?: ?"(?:${values.join('|')})"`);
  return (line) => form.test(line);
}

/**
 * What --since says: `7d` is a time ago; else a date, and a time of day, as ISO 8601 has them: in local time without
 * a zone. @throws RiposteError (USAGE)
 */
export function timeOf(text: string, now: Date): Date {
  const ago = seconds(text);
  const time = ago === undefined ? parseISO(text) : new Date(now.getTime() - ago * 1000);
  if (!Number.isNaN(time.getTime())) return time;
  const form = 'a time such as 7d, or a date such as 2026-11-20 or 2026-11-20T09:00';
  throw new RiposteError(EX.USAGE, `--since is ${form}, not '${printable(text, 40)}'`);
}

function responseIn(name: string): string {
  if (IN_JOURNAL.includes(name)) return name;
  throw new RiposteError(
    EX.USAGE,
    `there is no response '${printable(name, 40)}'; the journal tells of ${IN_JOURNAL.join(', ')}`,
  );
}

function eventNamed(text: string): string {
  if (EVENTS.some((event) => event === text)) return text;
  throw new RiposteError(EX.USAGE, `--event is some of ${EVENTS.join(',')}, not '${printable(text, 40)}'`);
}
