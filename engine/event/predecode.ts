import type { Dialect } from '../dialect.ts';
import { readAsl } from './asl.ts';
import { dateFormat } from './date-format.ts';
import { Event } from './event.ts';
import { readSyslogHeader } from './syslog-header.ts';

/** All but control characters; saying it by what is allowed makes the search faster. */
const CONTROL_CHARACTERS = /[^ -~\x80-\xff]/;
/** Wazuh keeps them, and some of its decoders look for tabs; NUL no C program keeps. */
const DROPPED = { ossec: /[^ -~\x80-\xff]+/g, wazuh: /\0+/g } as const;

/**
 * What analysisd does with a line before any decoder sees it: drops control characters, and parts date,
 * host and program name from the message.
 *
 * @param line the line's bytes (latin1), without its newline
 * @param time seconds since 1970
 * @param host the name that a line without one gets
 */
export function predecode(
  line: string,
  time: number,
  location: string,
  host: string,
  dialect: Dialect = 'ossec',
): Event {
  const clean = CONTROL_CHARACTERS.test(line) ? line.replace(DROPPED[dialect], '') : line;
  const event = new Event(clean, time);
  event.location = location;
  event.hostname = host;
  event.log = clean;
  // A German syslog writes "Mär": two bytes where the other months have one.
  const dated = clean.startsWith('\xc3\xa4', 1) ? `Ma${clean.slice(3)}` : clean;
  const format = dateFormat(dated, dialect);
  if (format) {
    const rest = clean.slice(format.length);
    if (format.kind === 'syslog') readSyslogHeader(event, rest);
    else if (format.kind === 'asl') readAsl(event, rest);
    else event.log = format.kind === 'squid' ? rest.trimStart() : rest;
  }
  return event;
}
