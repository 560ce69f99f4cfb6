import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { carried } from '../../../logs/carriers/carrier.ts';
import { syslog } from '../../../logs/carriers/syslog.ts';
import { haproxy } from '../../../logs/readers/haproxy.ts';
import {
  assertLinear,
  assertTrueClient,
  CLIENT,
  FORGED,
  hostile,
  OPTIONS,
  SENT,
  TIME,
  VICTIM,
} from '../support.ts';
import {
  assertNobodyElseIn,
  assertRefused,
  combinedIn,
  combinedLine,
  openerOf,
  openLast,
} from './carried.ts';

const LOCAL = new Date(2025, 9, 10, 13, 55, 36).getTime() / 1000;
const OLD = 'Oct 10 13:55:36 web1 nginx[812]: ';

for (const [what, header, time] of [
  ['RFC 3164', OLD, LOCAL],
  ['RFC 3164 with a priority', `<190>${OLD}`, LOCAL],
  ['RFC 3164 with a day of one digit', 'Oct  9 13:55:36 web1 nginx[812]: ', LOCAL - 86_400],
  ['RFC 3164 without a process', 'Oct 10 13:55:36 web1 nginx: ', LOCAL],
  ['RFC 3164 without a host', '<190>Oct 10 13:55:36 nginx: ', LOCAL],
  ['RFC 3164 with an IPv6 host', 'Oct 10 13:55:36 2001:db8::1 nginx: ', LOCAL],
  ["rsyslog's file format", '2025-10-10T13:55:36.123+00:00 web1 nginx: ', TIME],
  ['journalctl -o short-iso', '2025-10-10T15:55:36+0200 web1 nginx[812]: ', TIME],
  ['RFC 5424', '<190>1 2025-10-10T13:55:36.123Z web1 nginx 812 - - ', TIME],
  [
    'RFC 5424 with a byte order mark',
    '<190>1 2025-10-10T13:55:36.123Z web1 nginx 812 ID47 - \xef\xbb\xbf',
    TIME,
  ],
  ['RFC 5424 without a time', '<190>1 - - nginx - - - ', undefined],
  [
    'RFC 5424 with structured data',
    '<190>1 2025-10-10T13:55:36Z web1 nginx 812 - [a@1 b="c \\"] \\\\" d="[x] "][e] ',
    TIME,
  ],
] as const) {
  test(`opens a line of ${what}`, () => {
    assert.equal(openLast(syslog, `${header}a: b [c] "d" `), { line: 'a: b [c] "d" ', time });
    assert.equal(openLast(syslog, header), { line: '', time });
  });
}

for (const line of [
  '',
  'a',
  'Oct 10 13:55:36',
  'Oct 10 13:55:36 ',
  'Oct 10 13:55:36 web1',
  'Oct 10 13:55:36 web1 ',
  'Oct 10 13:55:36 web1 nginx',
  'Oct 10 13:55:36 web1 last message repeated 2 times',
  'Oct 10 13:55:36 web1 nginx[x]: a',
  'Oct 10 13:55:36 web1 ng"inx: a',
  `Oct 10 13:55:36 web1 ${'x'.repeat(300)}: a`,
  `Oct 10 13:55:36 ${'x'.repeat(300)} nginx: a`,
  ' Oct 10 13:55:36 web1 nginx: a',
  '2025-10-10 13:55:36 web1 nginx: a',
  '2025-10-10T13:55:36 web1 nginx: a',
  '2025-10-10T13:55:36Z stdout F nginx: a',
  '<1900>Oct 10 13:55:36 web1 nginx: a',
  '<190>1 2025-10-10T13:55:36Z web1 nginx 812',
  '<190>1 2025-10-10T13:55:36Z web1 nginx 812 - [a b="c] d',
  '<190>1 2025-10-10T13:55:36Z web1 nginx 812 - a',
  '<190>1 Oct web1 nginx 812 - - a',
]) {
  test(`refuses ${line.slice(0, 60)}`, () => {
    assertRefused(openLast(syslog, line), '');
  });
}

/** Cuts a line after every `length` bytes, with a header before each piece. */
function cut(line: string, length: number, header = OLD): string[] {
  const pieces: string[] = [];
  for (let at = 0; at < line.length; at += length) pieces.push(`${header}${line.slice(at, at + length)}`);
  return pieces;
}

test('refuses the pieces of a line that was cut, and reads the next line', () => {
  for (const length of [1024, 2048, 8192]) {
    const pieces = cut(combinedLine({ ...SENT, userAgent: `${VICTIM} `.repeat(2000) }), length);
    const reader = combinedIn(syslog);
    for (const piece of pieces) assert.is(reader.read(piece).kind, 'unreadable');
    assert.is(reader.read(`${OLD}${combinedLine(SENT)}`).kind, 'access');
  }
});

test('reads the beginning of a line that was cut in its last text, and refuses the rest of the line', () => {
  const reader = combinedIn(syslog);
  const line = `${combinedLine(SENT)} "${'x'.repeat(2000)}`;
  assert.is(reader.read(`${OLD}${line.slice(0, 1024)}`).kind, 'access');
  assert.is(reader.read(`${OLD}${combinedLine(SENT)}`).kind, 'unreadable');
  assert.is(reader.read(`${OLD}${combinedLine(SENT)}`).kind, 'access');
});

test('refuses the rest of a line when the rest looks like a line with a header, and reads lines of other senders', () => {
  const reader = combinedIn(syslog);
  const other = 'Oct 10 13:55:36 web2 nginx[1]: ';
  assert.is(reader.read(`${OLD}${combinedLine(SENT)}`).kind, 'access');
  assert.is(reader.read(`${other}${combinedLine(SENT)}`).kind, 'access');
  const long = combinedLine({ ...SENT, userAgent: 'x'.repeat(2000) });
  assert.is(reader.read(`${OLD}${long.slice(0, 1024)}`).kind, 'unreadable');
  assert.is(reader.read(`Oct 10 13:55:36 192.0.2.1 forged: ${combinedLine(SENT)}`).kind, 'unreadable');
  assert.is(reader.read(`${other}${combinedLine(SENT)}`).kind, 'access');
  assert.is(reader.read(`${OLD}${combinedLine(SENT)}`).kind, 'unreadable');
  assert.is(reader.read(`${OLD}${combinedLine(SENT)}`).kind, 'access');
});

test('refuses the rest of a line that is too long to be kept whole', () => {
  const reader = combinedIn(syslog);
  reader.readCut?.(`${OLD}${combinedLine(SENT)} "${'x'.repeat(65_536)}`);
  assert.is(reader.read(`${OLD}${combinedLine(SENT)}`).kind, 'unreadable');
  assert.is(reader.read(`${OLD}${combinedLine(SENT)}`).kind, 'access');
});

test('continues after a short line that cannot be read', () => {
  const reader = combinedIn(syslog);
  assert.is(reader.read(`${OLD}${FORGED[0]}`).kind, 'unreadable');
  assert.is(reader.read(`${OLD}${combinedLine(SENT)}`).kind, 'access');
});

test('continues after a long line in which a user name has a quote', () => {
  const reader = combinedIn(syslog);
  const long = combinedLine({ ...SENT, target: `/${'x'.repeat(500)}` }).replace(' - - ', ' - a\\"b ');
  for (const line of [long, combinedLine(SENT)]) assert.is(reader.read(`${OLD}${line}`).kind, 'access');
});

test('continues after a line that HAProxy itself has cut', () => {
  const reader = carried(syslog, haproxy).newReader(OPTIONS);
  const line =
    `${CLIENT}:1 [10/Oct/2025:13:55:36.123] web web/s1 0/0/1/2/3 404 196 - - ---- 1/1/0/0/0 0/0 ` +
    `"GET /${'x'.repeat(2000)}`;
  for (let round = 0; round < 2; round++)
    assert.is(reader.read(`${OLD}${line.slice(0, 1024)}`).kind, 'access');
});

test('refuses the first line when the line before it was cut', () => {
  const [first = '', rest = ''] = cut(combinedLine({ ...SENT, userAgent: 'x'.repeat(1200) }), 1024);
  const reader = combinedIn(syslog);
  reader.begin?.({ head: [], last: [first] });
  assert.is(reader.read(rest).kind, 'unreadable');
  assert.is(reader.read(`${OLD}${combinedLine(SENT)}`).kind, 'access');
  const late = combinedIn(syslog);
  late.begin?.({ head: [], last: [first] });
  assert.is(
    late.read(`${OLD}${combinedLine(SENT)}`).kind,
    'unreadable',
    'it may be the rest of the line before',
  );
});

test('finds the client or none, whatever clients send and wherever long lines are cut', () => {
  assertNobodyElseIn(syslog, (line) => [`${OLD}${line}`], true);
  fc.assert(
    fc.property(hostile, fc.integer({ min: 480, max: 2000 }), fc.nat({ max: 3 }), (sent, length, filled) => {
      const reader = combinedIn(syslog);
      const filler = 'y'.repeat(filled * 300);
      const line = combinedLine({
        ...sent,
        userAgent: filler + sent.userAgent,
        referer: filler + sent.referer,
      });
      for (const piece of cut(line, length)) assertTrueClient(reader.read(piece), piece, false);
    }),
    { numRuns: 400 },
  );
});

test('takes time in proportion to the length of a line', () => {
  for (const text of ['a', ' ', ': ', '"', '[', '\\"'])
    for (const header of [OLD, 'Oct 10 13:55:36 ', '<190>1 2025-10-10T13:55:36Z web1 nginx 812 - [a b="'])
      assertLinear((size) => openerOf(syslog).open(`${header}${text.repeat(size / text.length)}`));
});

test.run();
