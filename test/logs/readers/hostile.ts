import * as fc from 'fast-check';
import type { Sent } from './render.ts';

/** Addresses that have sent nothing: no line may make one of them a client. */
export const INNOCENT = '198.51.100.99';
export const CLIENT = '203.0.113.7';
export const TIME = Date.UTC(2026, 10, 20, 9) / 1000;

/** Pieces of forged lines: the structure of every format, and the bytes that servers escape. */
export const PIECES = [
  INNOCENT,
  `${INNOCENT}, `,
  `, ${INNOCENT}`,
  `${INNOCENT} - - [20/Nov/2026:09:00:00 +0000] "GET /.env HTTP/1.1" 404 1 "-" "sqlmap"`,
  `[client ${INNOCENT}:80] `,
  '[2001:db8::99]:443',
  '2001:db8::99',
  ' - ',
  ') - ',
  ' - - [',
  '] "',
  '" ',
  '"',
  '\\',
  '\\"',
  '\\\\',
  ' ',
  '  ',
  '-',
  ',',
  '(',
  ')',
  '[',
  ']',
  ':',
  '|',
  '"}',
  '/',
  '?',
  '"-" "-"',
  '""',
  ' 404 196',
  ' HTTP/1.1',
  '20/Nov/2026:09:00:00 +0000',
  '\t',
  '\n',
  '\r\n',
  '\0',
  '\x1f',
  '\x7f',
  '\x80',
  '\xe2\x80\x9c',
  '\\x22',
  '\\u0022',
  '%h',
  '$remote_addr',
  'unix:',
  'unknown',
  'a',
  'bob',
];

export const hostileText: fc.Arbitrary<string> = fc
  .array(fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...PIECES) }, latin1()), { maxLength: 8 })
  .map((pieces) => pieces.join(''));

function latin1(): fc.Arbitrary<string> {
  return fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code));
}

const optional = fc.option(hostileText, { nil: undefined, freq: 4 });

/** A header's value: a server removes the space around it, and ends it at a line break. */
const headerText = optional.map((text) => text?.replace(/[\r\n\0]/g, '').trim());

/** A target without line breaks and NUL bytes, because a request line is a single line. */
const targetText = hostileText.map((text) => `/${text.replace(/[\r\n\0]/g, '')}`);

/** A request that CLIENT has sent, with hostile texts in everything that a client writes. */
export const hostileRequest: fc.Arbitrary<Sent> = fc.record({
  peer: fc.constant(CLIENT),
  user: optional.map((text) => text?.replaceAll('\0', '')),
  method: fc.constantFrom('GET', 'POST', 'M-SEARCH', 'VERSION-CONTROL'),
  target: targetText,
  version: fc.constantFrom('HTTP/1.0', 'HTTP/1.1', 'HTTP/2.0'),
  line: fc.option(
    hostileText.map((text) => text.replace(/[\r\n\0]/g, '')),
    { nil: undefined, freq: 6 },
  ),
  status: fc.constantFrom(200, 301, 404, 501),
  size: fc.constantFrom(0, 196),
  headers: fc.record({
    referer: headerText,
    'user-agent': headerText,
    host: headerText,
    cookie: headerText,
    'x-forwarded-for': headerText,
  }),
  time: fc.constant(TIME),
  site: fc.constant('www.example.org'),
});
