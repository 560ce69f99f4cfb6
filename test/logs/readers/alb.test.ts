import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { alb } from '../../../logs/readers/alb.ts';
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
import { albLine as lineOf } from './written.ts';

test('reads a request to an application load balancer', () => {
  assert.equal(recordOf(alb, lineOf({ ...SENT, target: '/.env?a="b"' })), {
    ...RECORD,
    target: '/.env?a=\\x22b\\x22',
    size: '366',
  });
});

for (const [what, line, expected] of [
  [
    'a request to a classic load balancer',
    `2025-10-10T13:55:36.123456Z my-lb ${CLIENT}:2817 10.0.0.1:80 0.000073 0.001048 0.000057 404 404 0 29 "GET http://www.example.org:80/.env HTTP/1.1" "curl/7.38.0" - -`,
    [CLIENT, 'GET', '/.env', '404', 'curl/7.38.0'],
  ],
  ['an IPv6 client', lineOf(SENT, '2001:db8::7:443'), ['2001:db8::7', 'GET', '/.env', '404', 'Mozilla/5.0']],
  [
    'an IPv6 client in brackets',
    lineOf(SENT, '[2001:db8::7]:443'),
    ['2001:db8::7', 'GET', '/.env', '404', 'Mozilla/5.0'],
  ],
  [
    'a request that the load balancer cannot parse',
    `http 2025-10-10T13:55:36.218099Z app/a/240dbdc5244653c9 ${CLIENT}:61084 - -1 -1 -1 400 - 0 272 "- http://a.elb.example:80- -" "-" - - - "-" "-" "-" - 2025-10-10T13:55:35.682000Z "-" "-" "-" "-" "-" "-" "-"`,
    [CLIENT, '-', '-', '400', '-'],
  ],
  [
    'a query without a path',
    lineOf(SENT).replace(':443/.env', ':443?a=b'),
    [CLIENT, 'GET', '/?a=b', '404', 'Mozilla/5.0'],
  ],
] as const) {
  test(`reads ${what}`, () => {
    const { time, client, method, target, status, userAgent } = recordOf(alb, line);
    assert.equal([time, client, method, target, status, userAgent], [TIME, ...expected]);
  });
}

for (const [what, line, reason] of [
  ['no port after the client', lineOf(SENT, CLIENT), 'no client'],
  ['a name as client', lineOf(SENT, 'a.example:1'), 'no client'],
  ['no time', lineOf(SENT).replace('2025-10-10T', ''), 'a time and a name'],
  ['an extra word', lineOf(SENT, `${VICTIM}:1 ${CLIENT}:1`), 'eleven words'],
  ['no request', lineOf(SENT).replaceAll('"', ''), 'eleven words'],
  ['no status', lineOf(SENT).replace(' 404 404 ', ' x 404 '), 'no status'],
  ['an invalid processing time', lineOf(SENT).replace(' 0.001 ', ' x '), 'no processing times'],
  ['a request that does not end', lineOf(SENT).replace(/ HTTP.*/, ''), 'does not end'],
  ['no user agent', lineOf(SENT).replace(/" ".*/, '"'), 'no user agent'],
] as const) {
  test(`refuses a line with ${what}`, () => {
    assertUnreadable(readLast(alb, line), reason);
  });
}

test('finds the client or none, whatever clients send', () => {
  assertNobodyElse(alb, (sent) => lineOf(sent));
  assertNobodyElse(alb, (sent) => lineOf(sent, `${CLIENT}:2817`, (text) => text.replaceAll('\n', '')), {
    always: false,
  });
});

test('does not read the beginning of a line as another request', () => {
  assertBeginnings(alb, lineOf({ ...SENT, target: FORGED.join(''), userAgent: FORGED.join('') }));
});

test('takes time in proportion to the length of a line', () => {
  for (const text of ['a', '\\x22', ' ', '/', '://', '\\'])
    assertLinear((size) => {
      readerOf(alb).read(lineOf(SENT).replace('/.env', () => text.repeat(size / text.length)));
    });
  assertLinear((size) => readerOf(alb).read(`${'a '.repeat(size / 2)}"`));
});

test.run();
