import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { caddy } from '../../../logs/readers/caddy.ts';
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
import { caddyLine as lineOf, CADDY_PEER as PEER } from './written.ts';

test('reads a request', () => {
  const sent = { ...SENT, target: '/.env?a=<b>', user: 'a b', referer: 'https://a.example/"x"' };
  assert.equal(recordOf(caddy, lineOf(sent)), {
    ...RECORD,
    user: 'a\\x20b',
    target: '/.env?a=<b>',
    version: 'HTTP/2.0',
    size: '12',
    referer: 'https://a.example/\\x22x\\x22',
    host: 'www.example.org',
  });
});

for (const [what, peer, client] of [
  ['remote_addr before Caddy 2.5', `"remote_addr":"${CLIENT}:54321"`, CLIENT],
  ['remote_addr of IPv6', '"remote_addr":"[2001:db8::7]:54321"', '2001:db8::7'],
  ['remote_ip of IPv6', '"remote_ip":"2001:db8::7","remote_port":"1"', '2001:db8::7'],
] as const) {
  test(`reads ${what}`, () => {
    assert.is(recordOf(caddy, lineOf(SENT, peer)).client, client);
  });
}

for (const [what, ts] of [
  ['seconds without a fraction', '1760104536'],
  ['milliseconds', '1760104536123.456'],
  ['ISO 8601', '"2025-10-10T13:55:36.123Z"'],
  ['the common log format', '"10/Oct/2025:13:55:36 +0000"'],
] as const) {
  test(`reads ${what} as the time`, () => {
    assert.is(recordOf(caddy, lineOf(SENT).replace('1760104536.123', ts)).time, TIME);
  });
}

test('returns no time when the time cannot be read, and no status when none was sent', () => {
  const line = lineOf(SENT).replace('1760104536.123', '"soon"').replace('"status":404', '"status":0');
  const record = recordOf(caddy, line);
  assert.equal([record.time, record.status], [undefined, '-']);
});

test('returns no request for a message that is not from Caddy’s access log', () => {
  const lines = [
    '{"level":"info","ts":1760104536.1,"logger":"admin","msg":"admin endpoint started","address":"localhost:2019"}',
    lineOf(SENT).replace('http.log.access.log0', 'http.log.error.log0'),
  ];
  for (const line of lines) {
    assert.is(readLast(caddy, line).kind, 'nothing');
    assert.is(caddy.isToldBy?.(line), false);
  }
});

for (const [what, line, reason] of [
  ['a key that occurs twice', lineOf(SENT, `${PEER},"remote_ip":"${VICTIM}"`), 'twice'],
  [
    'an object that occurs twice',
    lineOf(SENT).replace(/}$/, `,"request":{"remote_ip":"${VICTIM}"}}`),
    'twice',
  ],
  ['only client_ip', lineOf(SENT, `"client_ip":"${CLIENT}"`), 'no remote_ip'],
  ['a peer that is a number', lineOf(SENT, '"remote_ip":1'), 'a number as peer'],
  ['a peer that is null', lineOf(SENT, '"remote_ip":null'), 'no text as peer'],
  ['a peer that is a list', lineOf(SENT, `"remote_ip":["${CLIENT}"]`), 'no remote_ip'],
  ['an address without its port in remote_addr', lineOf(SENT, `"remote_addr":"${CLIENT}"`), 'no remote_ip'],
  ['an invalid status', lineOf(SENT).replace('"status":404', '"status":"x"'), 'no status'],
  ['no logger', '{"level":"info","ts":1}', 'no logger'],
  ['no JSON', 'handled request', 'not a JSON object'],
] as const) {
  test(`refuses a line with ${what}`, () => {
    assertUnreadable(readLast(caddy, line), reason);
  });
}

test('finds the client or none, whatever clients send', () => {
  assertNobodyElse(caddy, (sent) => lineOf(sent));
});

test('does not mistake a header for the field of the same name', () => {
  const line = lineOf(SENT).replace(
    '"Referer"',
    `"A":["b"],"Remote_ip":["${VICTIM}"],"remote_ip":["${VICTIM}"],"Referer"`,
  );
  assert.is(recordOf(caddy, line).client, CLIENT);
});

test('does not read the beginning of a line as another request', () => {
  assertBeginnings(caddy, lineOf({ ...SENT, target: FORGED.join(''), userAgent: FORGED.join('') }));
});

test('takes time in proportion to the length of a line', () => {
  for (const text of ['a', '"', '\u0001', '"],"b":["'])
    assertLinear((size) => readerOf(caddy).read(lineOf({ ...SENT, target: text.repeat(size / 8) })));
  assertLinear((size) => {
    const headers = Array.from({ length: size / 16 }, (_, index) => `"H${index}":["x"]`).join(',');
    readerOf(caddy).read(lineOf(SENT).replace('"Referer"', `${headers},"Referer"`));
  });
});

test.run();
