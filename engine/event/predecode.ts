import type { Dialect } from '../dialect.ts';
import { readAsl } from './asl.ts';
import { dateFormat } from './date-format.ts';
import { Event } from './event.ts';
import { readSyslogHeader } from './syslog-header.ts';

/** Control characters, as a negated class, because a search for it is faster. */
const CONTROL_CHARACTERS = /[^ -~\x80-\xff]/;
/** Wazuh keeps control characters, because some decoders look for tabs; its C code cannot keep NUL. */
const DROPPED = { ossec: /[^ -~\x80-\xff]+/g, wazuh: /\0+/g } as const;

/** The location of lines in logtest. */
const STDIN = 'stdin';

/**
 * Prepares a line as analysisd does before decoding: drops control characters, and separates date, host and program
 * name from the message.
 *
 * @param line the line's bytes (latin1), without its newline
 * @param time seconds since 1970
 * @param host the host name for a line without one
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
  // German syslog writes "Mär": two bytes where other months have one.
  const dated = clean.startsWith('\xc3\xa4', 1) ? `Ma${clean.slice(3)}` : clean;
  const format = dateFormat(dated, dialect);
  if (format) {
    const rest = clean.slice(format.length);
    if (format.kind === 'syslog') readSyslogHeader(event, rest, dialect);
    else if (format.kind === 'asl') readAsl(event, rest);
    else event.log = format.kind === 'squid' ? rest.trimStart() : rest;
  }
  // OSSEC's rules match the log's name in the host name. So the host name is set as on a server with agents, even if
  // the line names a host.
  if (dialect === 'ossec' && location !== STDIN) event.hostname = `(${host}) any->${location}`;
  return event;
}
