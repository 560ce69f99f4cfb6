import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nginxProxyManager } from '../../../logs/readers/npm.ts';
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
import { proxyManagerLine as lineOf } from './written.ts';

test('reads the format of proxied sites', () => {
  assert.equal(
    recordOf(nginxProxyManager, lineOf({ ...SENT, target: '/a b"', referer: 'https://a.example/' })),
    {
      ...RECORD,
      target: '/a\\x20b\\x22',
      version: 'HTTP/0.9',
      size: '150',
      referer: 'https://a.example/',
      host: 'www.example.org',
    },
  );
});

for (const [what, line] of [
  ['the standard format', lineOf(SENT, '[10/Oct/2025:13:55:36 +0000] 404 -', '')],
  ['an answer from the cache', lineOf(SENT, '[10/Oct/2025:13:55:36 +0000] HIT - 404 -')],
  ['no backend', lineOf(SENT, '[10/Oct/2025:13:55:36 +0000] - - 404 -')],
  ['several backends', lineOf(SENT, '[10/Oct/2025:13:55:36 +0000] MISS 502, 404 : 404 404 -')],
  ['the time of another zone', lineOf(SENT, '[10/Oct/2025:15:55:36 +0200] - 404 404 -')],
] as const) {
  test(`reads ${what}`, () => {
    const { time, client, target, status } = recordOf(nginxProxyManager, line);
    assert.equal([time, client, target, status], [TIME, CLIENT, '/.env', '404']);
  });
}

test('reads an IPv6 client, and returns nothing for an empty request', () => {
  assert.is(recordOf(nginxProxyManager, lineOf(SENT).replace(CLIENT, '2001:db8::7')).client, '2001:db8::7');
  assert.is(readLast(nginxProxyManager, lineOf({ ...SENT, method: '', target: '' })).kind, 'nothing');
});

for (const [what, line, reason] of [
  ['no time', lineOf(SENT, '- 404 404 -'), 'a time and a status'],
  [
    'no status',
    lineOf(SENT, '[10/Oct/2025:13:55:36 +0000] - 404 -'.replace('404 -', 'x -')),
    'a time and a status',
  ],
  ['no target', lineOf(SENT).replaceAll('"', ''), 'a target'],
  ['no client', lineOf(SENT).replace('[Client', '[Peer'), 'no client'],
  [
    'a client only in the target',
    lineOf({ ...SENT, target: `/" [Client ${VICTIM}] ` }).replace(/ \[Client 203[^\]]*]/, ''),
    'no client',
  ],
  ['no length', lineOf(SENT).replace('[Length', '[Size'), 'no length'],
  ['a user agent that does not end', lineOf(SENT).replace(/" "-"$/, ''), 'no length, user agent'],
] as const) {
  test(`refuses a line with ${what}`, () => {
    assertUnreadable(readLast(nginxProxyManager, line), reason);
  });
}

test('finds the client or none, whatever clients send', () => {
  assertNobodyElse(nginxProxyManager, (sent) => lineOf(sent));
  assertNobodyElse(nginxProxyManager, (sent) => lineOf(sent, '[10/Oct/2025:13:55:36 +0000] 404 -', ''));
});

test('does not read the beginning of a line as another request', () => {
  assertBeginnings(
    nginxProxyManager,
    lineOf({ ...SENT, target: FORGED.join(''), userAgent: FORGED.join('') }),
  );
});

test('takes time in proportion to the length of a line', () => {
  for (const text of ['a', '\\x22', ' ', ']', '\\'])
    assertLinear((size) => {
      const line = lineOf(SENT).replace('/.env', () => text.repeat(size / text.length));
      readerOf(nginxProxyManager).read(line);
    });
  assertLinear((size) =>
    readerOf(nginxProxyManager).read(`[10/Oct/2025:13:55:36 +0000] - ${'404, '.repeat(size / 5)}`),
  );
});

test.run();
