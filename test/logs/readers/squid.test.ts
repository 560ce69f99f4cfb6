import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { squid } from '../../../logs/readers/squid.ts';
import {
  assertBeginnings,
  assertLinear,
  assertNobodyElse,
  assertUnreadable,
  CLIENT,
  FORGED,
  RECORD,
  readerOf,
  readLast,
  recordOf,
  SENT,
  TIME,
  VICTIM,
} from '../support.ts';
import { squidLine as lineOf, squidHead } from './written.ts';

const HEAD = squidHead();

test('reads a request', () => {
  assert.equal(recordOf(squid, lineOf({ ...SENT, target: '/.env?a=http://b/', user: 'a' })), {
    ...RECORD,
    user: 'a',
    target: '/.env?a=http://b/',
    version: 'HTTP/0.9',
    size: '1234',
    userAgent: '-',
  });
});

for (const [what, line, expected] of [
  ['an IPv6 client', lineOf(SENT).replace(CLIENT, '2001:db8::7'), ['2001:db8::7', 'GET', '/.env', '404']],
  [
    'a URL with spaces, where whitespace is allowed',
    lineOf({ ...SENT, target: '/a b - NONE/- c' }, (text) => text),
    [CLIENT, 'GET', '/a\\x20b\\x20-\\x20NONE/-\\x20c', '404'],
  ],
  [
    'the headers of log_mime_hdrs',
    `${lineOf(SENT)} [User-Agent: ${VICTIM} - NONE/- x] [HTTP/1.1 404 - DIRECT/1 x]`,
    [CLIENT, 'GET', '/.env', '404'],
  ],
  ['a method that is not a word', lineOf({ ...SENT, method: '!GET*' }), [CLIENT, '-', '/.env', '404']],
  [
    'a client that has closed the connection',
    lineOf(SENT).replace('TCP_MISS/404', 'TCP_MISS_ABORTED/000'),
    [CLIENT, 'GET', '/.env', '-'],
  ],
  [
    'an invalid request',
    `1760104536.123      0 ${CLIENT} NONE/400 3500 NONE error:invalid-request - HIER_NONE/- text/html`,
    [CLIENT, '-', 'error:invalid-request', '400'],
  ],
  [
    'a tunnel',
    `1760104536.123      0 ${CLIENT} TCP_DENIED/403 3500 CONNECT mail.example.org:25 - HIER_NONE/- text/html`,
    [CLIENT, 'CONNECT', 'mail.example.org:25', '403'],
  ],
] as const) {
  test(`reads ${what}`, () => {
    const { time, client, method, target, status } = recordOf(squid, line);
    assert.equal([time, client, method, target, status], [TIME, ...expected]);
  });
}

for (const [what, line, reason] of [
  ['no time', lineOf(SENT).replace('1760104536.123 ', ''), 'does not begin'],
  ['a name as client', lineOf(SENT).replace(CLIENT, 'a.example'), 'does not begin'],
  ['an invalid address', lineOf(SENT).replace(CLIENT, '203.0.113.777'), 'no address'],
  ['no result', lineOf(SENT).replace('TCP_MISS/404', 'x'), 'does not begin'],
  ['no peer', lineOf(SENT).replace('FIRSTUP_PARENT/10.0.0.5', '-'), 'no user and peer'],
  ['an invalid status', lineOf(SENT).replace('TCP_MISS/404', 'TCP_MISS/099'), 'no status'],
  [
    'no request',
    `1760104536.123      0 ${CLIENT} NONE/400 3500 NONE - - HIER_NONE/- text/html`,
    'no request',
  ],
  ['no target', `${HEAD} GET - FIRSTUP_PARENT/10.0.0.5 text/html`, 'no user and peer'],
] as const) {
  test(`refuses a line with ${what}`, () => {
    assertUnreadable(readLast(squid, line), reason);
  });
}

test('finds the client or none, whatever clients send', () => {
  assertNobodyElse(squid, (sent) => lineOf(sent));
  assertNobodyElse(squid, (sent) => lineOf(sent, (text) => text.replaceAll('\n', '')), { always: false });
});

test('does not read the beginning of a line as another request', () => {
  assertBeginnings(squid, lineOf({ ...SENT, target: FORGED.join('') }));
});

test('takes time in proportion to the length of a line', () => {
  for (const text of ['a', ' ', '/', ' - NONE/-', ' x/y'])
    assertLinear((size) => {
      readerOf(squid).read(`${HEAD} GET http://a/${text.repeat(size / text.length)} - NONE/- -`);
      readerOf(squid).read(`${HEAD} GET http://a/${text.repeat(size / text.length)} - NONE/- - [x]`);
    });
  assertLinear((size) => readerOf(squid).read('1'.repeat(size)));
});

test.run();
