import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { EX, RiposteError } from '../../base/errors.ts';
import {
  type AccessRecord,
  type LineReader,
  type LogFormat,
  NOTHING,
  type ReaderOptions,
  type Reading,
} from '../../logs/readers/reading.ts';

/** The client of a server, in all tests. */
export const CLIENT = '203.0.113.7';
/** The address that attackers want blocked; no request comes from it. */
export const VICTIM = '198.51.100.99';
/** 2025-10-10T13:55:36Z */
export const TIME = Date.UTC(2025, 9, 10, 13, 55, 36) / 1000;

export const OPTIONS: ReaderOptions = {
  policy: { trustsPeer: false, proxies: undefined },
  now: TIME + 3600,
};

/** The UTF-8 bytes of a text, each as a latin1 character. */
export const bytes = (text: string): string => Buffer.from(text).toString('latin1');

export const readerOf = (format: LogFormat): LineReader => format.newReader(OPTIONS);

/** Reads lines with one reader. @returns the reading of the last line */
export function readLast(format: LogFormat, ...lines: string[]): Reading {
  const reader = readerOf(format);
  return lines.map((line) => reader.read(line)).at(-1) ?? NOTHING;
}

/** @returns the record of the last line; fails when the line is not a record */
export function recordOf(format: LogFormat, ...lines: string[]): AccessRecord {
  const reading = readLast(format, ...lines);
  if (reading.kind !== 'access')
    return assert.unreachable(`${JSON.stringify(reading)} of ${lines.at(-1)}`) as never;
  return reading;
}

/** Fails unless the last line is unreadable, for a reason that contains this text. */
export function assertUnreadable(reading: Reading, reason: string | RegExp = ''): void {
  assert.is(reading.kind, 'unreadable', JSON.stringify(reading));
  if (reading.kind === 'unreadable') assert.match(reading.reason, reason);
}

/** The message of the refusal when a format cannot be read. */
export function refusalOf(make: () => LogFormat): string {
  try {
    make();
  } catch (error) {
    if (!(error instanceof RiposteError)) throw error;
    assert.is(error.exitCode, EX.CONFIG);
    return error.message;
  }
  return 'is not refused';
}

/** The fields that a client sends and a server logs. */
export interface Sent {
  readonly user: string;
  readonly method: string;
  readonly target: string;
  readonly referer: string;
  readonly userAgent: string;
  readonly host: string;
  readonly forwarded: string;
}

export const SENT: Sent = {
  user: '-',
  method: 'GET',
  target: '/.env',
  referer: '-',
  userAgent: 'Mozilla/5.0',
  host: 'www.example.org',
  forwarded: '-',
};

/** The record of SENT in a log with the usual fields. */
export const RECORD: AccessRecord = {
  kind: 'access',
  time: TIME,
  client: CLIENT,
  noClient: undefined,
  user: '-',
  method: 'GET',
  target: '/.env',
  version: 'HTTP/1.1',
  status: '404',
  size: '196',
  referer: '-',
  userAgent: 'Mozilla/5.0',
  host: undefined,
  uniqueId: undefined,
};

/** Pieces of every format, with another address in the place of the client's. */
export const FORGED: readonly string[] = [
  VICTIM,
  ` ${VICTIM} - - [10/Oct/2025:13:55:36 +0000] "GET /.env HTTP/1.1" 404 1 "-" "x"`,
  `"${VICTIM} - - [10/Oct/2025:13:55:36 +0000] "GET / HTTP/1.1" 404 1"`,
  `" [Client ${VICTIM}] [Length 1] [Gzip -] "x" "y"`,
  `","remote_addr":"${VICTIM}","client_ip":"${VICTIM}","request":{"remote_ip":"${VICTIM}"},"ClientAddr":"${VICTIM}:1","a":"`,
  `{"remote_addr":"${VICTIM}","request":"GET /.env HTTP/1.1","status":404}`,
  `\\","remote_addr":"${VICTIM}`,
  `${VICTIM}:1 [10/Oct/2025:13:55:36.123] a b/c 0/0/0/0/0 404 1 - - ---- 1/1/0/0/0 0/0 "GET /.env HTTP/1.1"`,
  ` 2025-10-10 13:55:36 10.0.0.2 GET /.env - 443 - ${VICTIM} x - 404 0 2 15`,
  `\t${VICTIM}\tGET\tx\t/.env\t404\t-\tx`,
  `https 2025-10-10T13:55:36.1Z app/x/y ${VICTIM}:1 10.0.0.1:80 0 0 0 404 404 1 1 "GET http://x/ HTTP/1.1" "x"`,
  `1795166986.123    200 ${VICTIM} TCP_MISS/404 1234 GET http://x/ - DIRECT/10.0.0.5 text/html`,
  ` - NONE/- ${VICTIM}`,
  `Oct 10 13:55:36 web nginx: ${VICTIM} - - `,
  `2025-10-10T13:55:36Z stdout F ${VICTIM} - - `,
  `{"log":"${VICTIM} - - \\n","stream":"stdout","time":"2025-10-10T13:55:36Z"}`,
  `${VICTIM}, ${VICTIM}`,
  '\n',
  '\r\n#Fields: date time c-ip cs-method cs-uri-stem sc-status',
  '"',
  '\\',
  '\\"',
  ' ',
  '\t',
  '\0',
  '] [',
  '}{',
  '\xff\xfe',
  '%0a',
  '+',
  '#22',
  'é😀',
  'HTTP/1.1" 404 1 "-" "x"',
];

const hostileText = fc
  .array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...FORGED) }, fc.string({ maxLength: 20 })), {
    minLength: 1,
    maxLength: 4,
  })
  .map((pieces) => pieces.join(''));

/** Attackers' requests: each field is usual, or made of pieces of log lines. */
export const hostile: fc.Arbitrary<Sent> = fc.record({
  user: fc.oneof(fc.constant('-'), hostileText),
  method: fc.oneof(fc.constant('GET'), fc.constantFrom('M-SEARCH', 'VERSION-CONTROL', 'a_b', '')),
  target: hostileText,
  referer: hostileText,
  userAgent: hostileText,
  host: hostileText,
  forwarded: hostileText,
});

/** Fails when the reading has another client; with `always`, also when the line is unreadable or gives no client. */
export function assertTrueClient(reading: Reading, line: string, always: boolean): void {
  if (reading.kind === 'access' && (reading.client === CLIENT || (!always && reading.client === undefined)))
    return;
  if (reading.kind === 'nothing' || (reading.kind === 'unreadable' && !always)) return;
  assert.unreachable(`${JSON.stringify(reading)} of ${JSON.stringify(line)}`);
}

/**
 * Reads lines that hostile clients make a server write.
 *
 * @param write the server's line @param before lines that the log begins with @param always as for assertTrueClient
 */
export function assertNobodyElse(
  format: LogFormat,
  write: (sent: Sent) => string,
  { before = [], always = true }: { before?: readonly string[]; always?: boolean } = {},
): void {
  fc.assert(
    fc.property(hostile, (sent) => {
      const reader = readerOf(format);
      for (const line of before) reader.read(line);
      // A raw newline ends a line: the text after it is read as a line of its own.
      for (const line of write(sent).split('\n')) assertTrueClient(reader.read(line), line, always);
    }),
    { numRuns: 400 },
  );
}

/** Reads every beginning of a line, and fails when a beginning gives a client other than the true client. */
export function assertBeginnings(format: LogFormat, line: string, before: readonly string[] = []): void {
  for (let length = 0; length < line.length; length++) {
    const reader = readerOf(format);
    for (const each of before) reader.read(each);
    assertTrueClient(reader.read(line.slice(0, length)), line.slice(0, length), false);
  }
}

const SMALL = 131_072;
const FACTOR = 8;

/** Fails when eight times as many bytes take much more than eight times as long. @param run works on this many bytes */
export function assertLinear(run: (bytes: number) => void): void {
  run(SMALL);
  // If the work takes hardly any time, the ratio says nothing.
  const limit = Math.max(cpuOf(run, SMALL), 12_000) * FACTOR * 6;
  let large = 0;
  for (let round = 0; round < 4; round++) {
    large = cpuOf(run, SMALL * FACTOR);
    if (large < limit) return;
  }
  assert.unreachable(`${SMALL * FACTOR} bytes take ${large} µs, more than ${limit}`);
}

/** Microseconds. */
function cpuOf(run: (bytes: number) => void, size: number): number {
  const start = process.cpuUsage();
  run(size);
  const { user, system } = process.cpuUsage(start);
  return user + system;
}

// The ways in which programs escape texts of clients.

/** Replaces each byte that matches `others` with the byte's escape. */
function escaped(text: string, others: RegExp, write: (byte: string) => string): string {
  return bytes(text).replace(others, write);
}

/** nginx's default, and nearly Apache's: `\xHH` for bytes that are not plain. */
export const nginxEscaped = (text: string): string =>
  escaped(text, /["\\]|[^ -~]/g, (byte) => `\\x${hex(byte).toUpperCase()}`);

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what nginx escapes
const JSON_SPECIAL = /["\\\0-\x1f]/g;

/** nginx with `escape=json`. */
export const jsonEscaped = (text: string): string =>
  escaped(text, JSON_SPECIAL, (byte) => (byte < ' ' ? `\\u00${hex(byte)}` : `\\${byte}`));

/** encoding/json of Go. */
export const goEscaped = (text: string): string =>
  bytes(
    JSON.stringify(text)
      .slice(1, -1)
      .replace(/[<>&]/g, (each) => `\\u00${hex(each)}`),
  );

/** HAProxy, in requests and captured headers. */
export const haproxyEscaped = (text: string): string =>
  escaped(text, /["#{|}]|[^ -~]/g, (byte) => `#${hex(byte).toUpperCase()}`);

/** Squid and CloudFront, in URLs and headers. */
export const percentEscaped = (text: string): string =>
  escaped(text, /[ "%<>\\^`{|}]|[^ -~]/g, (byte) => `%${hex(byte).toUpperCase()}`);

const hex = (byte: string): string => byte.charCodeAt(0).toString(16).padStart(2, '0');
