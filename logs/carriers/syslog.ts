import { isoTime, syslogTime } from '../readers/log-time.ts';
import type { ReaderOptions } from '../readers/reading.ts';
import type { Carrier, Opened, Opener } from './carrier.ts';
import { CutLines, REST } from './cut-lines.ts';

/**
 * Syslog's header, as daemons write it to files and send it over the network, with `<PRI>` or without:
 *
 *   Oct 10 13:55:36 host prog[123]: message              RFC 3164; its time is in this host's zone
 *   2025-10-10T13:55:36.123+00:00 host prog[123]: message     rsyslog's file format, journalctl -o short-iso
 *   <190>1 2025-10-10T13:55:36Z host prog 123 ID - message    RFC 5424
 *
 * A header without a program is unreadable, because nothing in it shows where the message begins.
 */
export const syslog: Carrier = {
  name: 'syslog',
  newOpener: (options) => new SyslogOpener(options),
};

class SyslogOpener implements Opener {
  readonly #cut = new CutLines();
  readonly #options: ReaderOptions;
  #date = '';
  #time: number | undefined;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  open(line: string): Opened {
    const start = afterPriority(line);
    const isRfc5424 = start > 0 && line.startsWith('1 ', start);
    const header = isRfc5424 ? rfc5424Header(line, start + 2) : rfc3164Header(line, start);
    if (typeof header === 'string') return { reason: header };
    const message = line.slice(header.end);
    if (this.#cut.isRest(header.sender, message)) return { reason: REST };
    return { line: message, time: this.#timeOf(header.date) };
  }

  suspectCut(): void {
    this.#cut.suspect();
  }

  /** Keeps the last date and its time, because many lines share them. */
  #timeOf(date: string): number | undefined {
    if (date !== this.#date) {
      this.#date = date;
      this.#time = isoTime(date) ?? syslogTime(date, this.#options.now);
    }
    return this.#time;
  }
}

interface Header {
  readonly date: string;
  /** Host, program and process. */
  readonly sender: string;
  /** The offset where the message begins. */
  readonly end: number;
}

/** @returns the offset after `<PRI>`; 0 when there is none */
function afterPriority(line: string): number {
  if (!line.startsWith('<')) return 0;
  return /^<\d{1,3}>/.exec(line.slice(0, 5))?.[0].length ?? 0;
}

const LENGTH_OF_DATE = 'Oct 10 13:55:36'.length;
const LONGEST_WORD = 255;
const NAME = /^[A-Za-z0-9][A-Za-z0-9_./@()-]*(?:\[\d{1,10}\])?$/;

/** RFC 3164, or the same with an ISO date. @returns the header, or the reason why there is none */
function rfc3164Header(line: string, start: number): Header | string {
  const isIso = line.charCodeAt(start) < 0x3a;
  const endDate = isIso ? line.indexOf(' ', start) : start + LENGTH_OF_DATE;
  const date = line.slice(start, Math.max(endDate, start));
  const isDate = isIso ? ISO_DATE.test(date) : OLD_DATE.test(date);
  if (!isDate || line[endDate] !== ' ') return "does not begin with syslog's date";
  const first = wordAt(line, endDate + 1);
  // nginx with `nohostname`, and programs that log to a local socket, write no host.
  if (first.endsWith(':') && NAME.test(first.slice(0, -1)))
    return { date, sender: first, end: Math.min(line.length, endDate + first.length + 2) };
  const program = first === '' ? '' : wordAt(line, endDate + first.length + 2);
  if (!program.endsWith(':') || !NAME.test(program.slice(0, -1)))
    return 'has no host and program after the date';
  const end = endDate + first.length + program.length + 3;
  return { date, sender: `${first} ${program}`, end: Math.min(line.length, end) };
}

const ISO_DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[-+]\d\d:?\d\d)$/;
const OLD_DATE = /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d$/;

/** The word up to the next space; empty when it is longer than any name. */
function wordAt(line: string, from: number): string {
  const space = line.slice(from, from + LONGEST_WORD + 1).indexOf(' ');
  return space < 0 ? '' : line.slice(from, from + space);
}

/** RFC 5424, after the version: `TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG`. */
function rfc5424Header(line: string, start: number): Header | string {
  const words: string[] = [];
  let at = start;
  while (words.length < 5) {
    const word = wordAt(line, at);
    if (word === '') return 'has no header of RFC 5424';
    words.push(word);
    at += word.length + 1;
  }
  const [date = '', host, program, process] = words;
  if (date !== '-' && !ISO_DATE.test(date)) return 'has no header of RFC 5424';
  const endData = line[at] === '-' ? at + 1 : endOfData(line, at);
  if (endData < 0 || (endData < line.length && line[endData] !== ' '))
    return 'has no structured data of RFC 5424';
  const message = endData + 1;
  const end = line.startsWith(BOM, message) ? message + BOM.length : message;
  return { date, sender: `${host} ${program} ${process}`, end: Math.min(line.length, end) };
}

const BOM = '\xef\xbb\xbf';

/**
 * Skips elements such as `[id name="value" …]`. Their values escape `"`, `\` and `]`.
 * @returns the offset after the last element; -1 if there is none, or if an element does not end
 */
function endOfData(line: string, from: number): number {
  let at = from;
  while (line[at] === '[') {
    let isInValue = false;
    for (at++; at < line.length && (isInValue || line[at] !== ']'); at++) {
      if (line[at] === '"') isInValue = !isInValue;
      else if (isInValue && line[at] === '\\') at++;
    }
    if (line[at] !== ']') return -1;
    at++;
  }
  return at === from ? -1 : at;
}
