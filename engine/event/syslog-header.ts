import type { Dialect } from '../dialect.ts';
import type { Event } from './event.ts';

/** The bytes of a host or program name in OSSEC: letters, digits and `( ) - . / @ _`. */
const NAME = /[A-Za-z0-9()\-./@_]*/y;

/**
 * Reads host and program name, which follow the date of a syslog line, into the event, and leaves the rest in
 * `event.log`. The forms: `host prog: `, `host prog[pid]: `, `host prog[pid] `, `prog: ` (Solaris, no host),
 * `host auth|security:info prog: ` (AIX), each optionally followed by `[ID 1 auth.info] `. In Wazuh the space after a
 * program's colon may be missing.
 *
 * @param rest the line after its date
 */
export function readSyslogHeader(event: Event, rest: string, dialect: Dialect = 'ossec'): void {
  const text = rest.startsWith(' ') ? rest.slice(1) : rest;
  event.log = text;
  const host = nameAt(text, 0);
  const afterHost = host.length;
  if (text.startsWith(': ', afterHost)) {
    event.programName = host;
    event.log = withoutSolarisId(text.slice(afterHost + 2));
  } else if (text[afterHost] === ' ') {
    event.hostname = host;
    const message = text.slice(afterHost + 1);
    event.log = message;
    const start = programAt(event, message, dialect === 'wazuh' ? WAZUH_END : OSSEC_END);
    if (start >= 0) event.log = withoutSolarisId(message.slice(start));
  }
}

/** Reads the program's name; returns the start of the message, or -1 when there is no program. */
function programAt(event: Event, text: string, end: RegExp): number {
  const name = nameAt(text, 0);
  const start = afterProgram(text, name.length, end);
  if (start >= 0) {
    event.programName = name;
    return start;
  }
  const facility = /^\|[a-z][A-Za-z0-9]*:[A-Za-z0-9]* /.exec(text.slice(name.length));
  if (!facility) return -1;
  const at = name.length + facility[0].length;
  const aixName = nameAt(text, at);
  const afterName = at + aixName.length;
  const aixStart = afterProgram(text, afterName, AIX_END);
  const hasPid = /^\[\d/.test(text.slice(afterName, afterName + 2));
  // Without a colon, OSSEC finds no end of the name: the name extends to the end of the line.
  event.programName = aixStart >= 0 || hasPid ? aixName : text.slice(at);
  return aixStart >= 0 || hasPid ? aixStart : afterName;
}

/** The end of a program's name: `: `, `[123]: ` or `[123] `. */
const OSSEC_END = /^(?:: |\[\d+\](?:: | ))/;
const AIX_END = /^(?:\[\d+\])?: /;
const WAZUH_END = /^(?:: ?|\[\d+\](?:: ?| ))/;

/** The start of the message after a program's name, or -1. */
function afterProgram(text: string, at: number, end: RegExp): number {
  const found = end.exec(text.slice(at, at + 32));
  return found ? at + found[0].length : -1;
}

function withoutSolarisId(message: string): string {
  if (!message.startsWith('[ID ')) return message;
  const end = message.indexOf('] ', 4);
  return end < 0 ? message : message.slice(end + 2);
}

function nameAt(text: string, at: number): string {
  NAME.lastIndex = at;
  return NAME.exec(text)?.[0] ?? '';
}
