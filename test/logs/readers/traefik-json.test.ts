import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { traefikJson } from '../../../logs/readers/traefik-json.ts';
import {
  assertBeginnings,
  assertLinear,
  assertNobodyElse,
  assertUnreadable,
  CLIENT,
  FORGED,
  goEscaped,
  RECORD,
  readerOf,
  readLast,
  recordOf,
  SENT,
  VICTIM,
} from '../support.ts';
import { traefikLine as lineOf, TRAEFIK_PEER as PEER } from './written.ts';

test('reads a request', () => {
  assert.equal(recordOf(traefikJson, lineOf({ ...SENT, user: 'admin', target: '/.env?a=b' })), {
    ...RECORD,
    user: 'admin',
    target: '/.env?a=b',
    size: '19',
    host: 'www.example.org',
  });
});

test('reads an IPv6 client, and a log without ClientAddr', () => {
  const six = '"ClientAddr":"[2001:db8::7]:443","ClientHost":"2001:db8::7"';
  assert.is(recordOf(traefikJson, lineOf(SENT, six)).client, '2001:db8::7');
  assert.is(recordOf(traefikJson, lineOf(SENT, `"ClientHost":"${CLIENT}"`)).client, CLIENT);
});

test('names no client when Traefik trusts a proxy that Riposte does not trust', () => {
  for (const host of [VICTIM, `${VICTIM}, ${CLIENT}`, 'unknown', 'a b']) {
    const record = recordOf(traefikJson, lineOf(SENT, `"ClientAddr":"192.0.2.1:1","ClientHost":"${host}"`));
    assert.is(record.client, undefined);
    assert.match(record.noClient ?? '', 'comes through the proxy 192.0.2.1');
  }
  const record = recordOf(traefikJson, lineOf(SENT, `"ClientHost":"${VICTIM}, ${CLIENT}"`));
  assert.is(record.client, undefined, 'a list is not an address');
});

test("finds no request in Traefik's own messages", () => {
  const line = '{"level":"error","msg":"service \\"x\\" not found","time":"2025-10-10T13:55:36Z"}';
  assert.is(readLast(traefikJson, line).kind, 'nothing');
  assert.is(traefikJson.isToldBy?.(line), false);
});

for (const [what, line, reason] of [
  ['a key that occurs twice', lineOf(SENT, `${PEER},"ClientAddr":"${VICTIM}:1"`), 'twice'],
  ['a client that is a number', lineOf(SENT, '"ClientAddr":1'), 'a number as peer'],
  ['a client that is null', lineOf(SENT, '"ClientHost":null'), 'no text as forwarded'],
  ['no client', lineOf(SENT, '"ClientPort":"1"'), 'no ClientHost'],
  [
    'an invalid status',
    lineOf(SENT).replace('"DownstreamStatus":404', '"DownstreamStatus":[404]'),
    'no Down',
  ],
  ['no path', lineOf(SENT).replace('RequestPath', 'Path'), 'no request'],
  ['no JSON', 'GET / HTTP/1.1', 'not a JSON object'],
] as const) {
  test(`refuses a line with ${what}`, () => {
    assertUnreadable(readLast(traefikJson, line), reason);
  });
}

test('finds the client or none, whatever clients send', () => {
  assertNobodyElse(traefikJson, (sent) => lineOf(sent));
  assertNobodyElse(
    traefikJson,
    (sent) => lineOf(sent, `"ClientAddr":"${CLIENT}:51432","ClientHost":"${goEscaped(sent.forwarded)}"`),
    { always: false },
  );
});

test('does not read the beginning of a line as another request', () => {
  assertBeginnings(traefikJson, lineOf({ ...SENT, target: FORGED.join(''), userAgent: FORGED.join('') }));
});

test('takes time in proportion to the length of a line', () => {
  for (const text of ['a', '"', '\u0001'])
    assertLinear((size) => readerOf(traefikJson).read(lineOf({ ...SENT, target: text.repeat(size / 8) })));
});

test.run();
