import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { haproxy } from '../../../logs/readers/haproxy.ts';
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
  VICTIM,
} from '../support.ts';
import { haproxyHead, haproxyLine as lineOf } from './written.ts';

const HEAD = haproxyHead();

const LOCAL = new Date(2025, 9, 10, 13, 55, 36).getTime() / 1000;
test('reads a request, with captured cookies and headers', () => {
  assert.equal(recordOf(haproxy, lineOf({ ...SENT, userAgent: 'a b', target: '/a"b#c' })), {
    ...RECORD,
    time: LOCAL,
    target: '/a\\x22b#c',
    userAgent: '-',
  });
});

for (const [what, line, expected] of [
  ['no captured headers', lineOf(SENT, false), [CLIENT, 'GET', '/.env', '404']],
  [
    'option httpslog',
    `${lineOf(SENT)} 0/0/0/0/0 www.example.org/TLSv1.3/TLS_AES_256_GCM_SHA384`,
    [CLIENT, 'GET', '/.env', '404'],
  ],
  [
    'a bad request',
    `${CLIENT}:1 [10/Oct/2025:13:55:36.123] web web/<NOSRV> -1/-1/-1/-1/0 400 187 - - PR-- 1/1/0/0/0 0/0 "<BADREQ>"`,
    [CLIENT, '-', '-', '400'],
  ],
  [
    'HTTP/2',
    `${HEAD} 404 +196 - - ---- 1/1/0/0/0 0/0 "GET https://www.example.org/.env?a=b HTTP/2.0"`,
    [CLIENT, 'GET', '/.env?a=b', '404'],
  ],
  [
    'a request with a whole URL',
    `${HEAD} 404 196 - - ---- 1/1/0/0/0 0/0 "GET http://www.example.org/.env HTTP/1.1"`,
    [CLIENT, 'GET', 'http://www.example.org/.env', '404'],
  ],
  [
    'a client that has closed the connection',
    `${HEAD.replace('0/0/1/2/3', '0/0/1/-1/+3')} -1 0 - - CD-- 1/1/0/0/0 0/0 "GET /.env HTTP/1.1"`,
    [CLIENT, 'GET', '/.env', '-'],
  ],
  [
    'an IPv6 client, whose port is after the last colon',
    lineOf(SENT).replace(`${CLIENT}:54321`, '2001:db8::7:443'),
    ['2001:db8::7', 'GET', '/.env', '404'],
  ],
  [
    'a request without a version',
    `${HEAD} 404 196 - - ---- 1/1/0/0/0 0/0 "GET /.env"`,
    [CLIENT, 'GET', '/.env', '404'],
  ],
] as const) {
  test(`reads ${what}`, () => {
    const { client, method, target, status } = recordOf(haproxy, line);
    assert.equal([client, method, target, status], expected);
  });
}

test('reads a request that HAProxy has cut', () => {
  const line = lineOf({ ...SENT, target: `/.env?${'a'.repeat(2000)}` }, false).slice(0, 1024);
  const { client, method, target } = recordOf(haproxy, line);
  assert.equal([client, method, target.slice(0, 9)], [CLIENT, 'GET', '/.env?aaa']);
});

test('says why a request through a Unix socket has no client', () => {
  const record = recordOf(haproxy, lineOf(SENT).replace(`${CLIENT}:54321`, 'unix:1'));
  assert.equal([record.client, record.noClient], [undefined, 'came through a Unix socket']);
});

test('finds no request in connections without a request', () => {
  for (const line of [
    `${CLIENT}:1 [10/Oct/2025:13:55:36.123] web/1: SSL handshake failure`,
    `${CLIENT}:1 [10/Oct/2025:13:55:36.123] tcp tcp/s1 0/0/5007 212 -- 0/0/0/0/3 0/0`,
    `${CLIENT}:1 [10/Oct/2025:13:55:36.123] web web/<NOSRV> -1/-1/-1/-1/5000 408 212 - - cR-- 1/1/0/0/0 0/0 "<BADREQ>"`,
  ])
    assert.is(readLast(haproxy, line).kind, 'nothing', line);
});

for (const [what, line, reason] of [
  ['no port', lineOf(SENT).replace(':54321', ''), 'an address and a port'],
  ['a name', lineOf(SENT).replace(CLIENT, 'a.example'), "'a.example' is not an address"],
  ['no date', lineOf(SENT).replace('[', ''), 'no date'],
  ['no server', lineOf(SENT).replace('web/s1', 'web'), 'no backend'],
  ['no times', lineOf(SENT).replace('0/0/1/2/3', '0/0/1/2'), 'no times'],
  ['no status', lineOf(SENT).replace(' 404 ', ' x '), 'no status'],
  ['no size', lineOf(SENT).replace(' 196 ', ' - '), 'no size'],
  ['no request', lineOf(SENT).replaceAll('"', ''), 'no request'],
  ['nothing but a message', 'Proxy web started.', 'an address and a port'],
] as const) {
  test(`refuses a line with ${what}`, () => {
    assertUnreadable(readLast(haproxy, line), reason);
  });
}

test('finds the client or none, whatever clients send', () => {
  assertNobodyElse(haproxy, (sent) => lineOf(sent));
  assertNobodyElse(haproxy, (sent) => lineOf(sent, false));
});

test('does not read the beginning of a line as another request', () => {
  assertBeginnings(haproxy, lineOf({ ...SENT, target: FORGED.join(''), userAgent: `x "${VICTIM}" "` }));
});

test('takes time in proportion to the length of a line', () => {
  for (const text of ['a', '#22', ' ', '#', '/'])
    assertLinear((size) => {
      readerOf(haproxy).read(
        `${HEAD} 404 196 - - ---- 1/1/0/0/0 0/0 "GET ${text.repeat(size / text.length)}"`,
      );
    });
  assertLinear((size) => readerOf(haproxy).read(' '.repeat(size)));
});

test.run();
