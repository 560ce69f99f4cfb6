import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { type Carrier, carried, type Opened } from '../../../logs/carriers/carrier.ts';
import { combined } from '../../../logs/readers/combined.ts';
import type { LineReader } from '../../../logs/readers/reading.ts';
import {
  assertTrueClient,
  bytes,
  CLIENT,
  goEscaped,
  hostile,
  nginxEscaped,
  OPTIONS,
  type Sent,
  TIME,
} from '../support.ts';

/** A line of the combined format, as nginx writes it. */
export const combinedLine = (sent: Sent): string =>
  `${CLIENT} - ${nginxEscaped(sent.user)} [10/Oct/2025:13:55:36 +0000] "${sent.method || 'X'} ` +
  `${nginxEscaped(sent.target)} HTTP/1.1" 404 196 "${nginxEscaped(sent.referer)}" "${nginxEscaped(sent.userAgent)}"`;

export const openerOf = (carrier: Carrier) => carrier.newOpener(OPTIONS);

/** Gives the lines to a new opener. @returns the result of the last line */
export function openLast(carrier: Carrier, ...lines: string[]): Opened {
  const opener = openerOf(carrier);
  return lines.map((line) => opener.open(line)).at(-1) ?? 'incomplete';
}

/** Gives the lines to a new opener. @returns the log line in the last line; fails when the last line holds none */
export function insideOf(carrier: Carrier, ...lines: string[]): string {
  const opened = openLast(carrier, ...lines);
  if (typeof opened === 'object' && 'line' in opened) return opened.line;
  throw new Error(`${JSON.stringify(opened)} of ${lines.at(-1)}`);
}

export function assertRefused(opened: Opened, reason: string): void {
  assert.ok(typeof opened === 'object' && 'reason' in opened, JSON.stringify(opened));
  if (typeof opened === 'object' && 'reason' in opened) assert.match(opened.reason, reason);
}

/** Reads lines of the combined format in a carrier. */
export const combinedIn = (carrier: Carrier): LineReader => carried(carrier, combined).newReader(OPTIONS);

/**
 * Splits lines of hostile clients at random places, and fails when a reader names another client in them.
 *
 * @param always the `always` of assertTrueClient, for the reader of all pieces
 */
export function assertNobodyElseIn(
  carrier: Carrier,
  split: (line: string, at: readonly number[]) => string[],
  always: boolean,
): void {
  const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 });
  fc.assert(
    fc.property(hostile, cuts, fc.nat({ max: 3 }), (sent, at, skipped) => {
      const line = combinedLine(sent);
      const lines = split(
        line,
        at.map((each) => Math.floor(each * line.length)).sort((a, b) => a - b),
      );
      const whole = combinedIn(carrier);
      for (const each of lines) assertTrueClient(whole.read(each), each, always);
      // A reader that begins after the first pieces must not name another client either.
      const late = combinedIn(carrier);
      late.begin?.({ head: [], last: lines.slice(0, skipped) });
      for (const each of lines.slice(skipped)) assertTrueClient(late.read(each), each, false);
    }),
    { numRuns: 400 },
  );
}

/** An entry of Docker's json-file driver. @param text a line or a piece of a line; the end of a line has its newline */
export const dockerPiece = (text: string, stream = 'stdout'): string =>
  `{"log":"${goEscaped(text)}","stream":"${stream}","time":"2025-10-10T13:55:36.123456789Z"}`;

/** @param tag P for a piece of a line, F for its end */
export const criPiece = (text: string, tag = 'F', stream = 'stdout'): string =>
  `2025-10-10T13:55:36.123456789Z ${stream} ${tag} ${text}`;

/** An entry as journalctl prints it. @param fields the fields beside the usual fields */
export const journalEntry = (
  message: unknown,
  fields: Record<string, string> = { _TRANSPORT: 'syslog' },
): string =>
  bytes(
    JSON.stringify({
      __CURSOR: 's=1;i=2',
      __REALTIME_TIMESTAMP: `${TIME}123456`,
      _HOSTNAME: 'web1',
      SYSLOG_IDENTIFIER: 'nginx',
      _PID: '812',
      MESSAGE: message,
      ...fields,
    }),
  );

/** A journal entry with a service's output. @param lineBreak `line-max` when the next entry continues the line */
export const journalPiece = (
  message: unknown,
  lineBreak?: string,
  stream = '5a9f0d5a7d1b4d1e8d3c2b1a09876543',
): string =>
  journalEntry(message, {
    _TRANSPORT: 'stdout',
    _STREAM_ID: stream,
    ...(lineBreak === undefined ? {} : { _LINE_BREAK: lineBreak }),
  });
