import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { pathNumber } from '../../logs/request-path.ts';

for (const [one, other] of [
  ['/a', '/a?b=c'],
  ['/a/b', '/a%2fb'],
  ['/a/b', '/a//b'],
  ['/a/b', '/a/./b'],
  ['/a/b', '/a/x/../b'],
  ['/a/', '/a/b/..'],
  ['/', '//'],
  ['/', '/..'],
  ['/b', '/../../b'],
  ['/a"b', '/a%22b'],
  ['/a\\x22b', '/a%22b'],
  ['/a\\x5cb', '/a%5cb'],
  ['/\\xff\\x0ab', '/%ff%0ab'],
  ['/a', '/%61'],
  ['/a', '/%2561'],
  ['/a', 'http://example.org/a?x'],
  ['/', 'http://example.org'],
  ['/a', '/a%3fb'],
] as const) {
  test(`gives ${one} and ${other} the same number`, () => assert.is(pathNumber(one), pathNumber(other)));
}

test('gives different paths different numbers', () => {
  const paths = [
    '/',
    '/a',
    '/a/',
    '/A',
    '/a/b',
    '/.env',
    '*',
    '-',
    'example.org:443',
    '/a..b',
    '/a.b',
    '/...',
  ];
  assert.is(new Set(paths.map(pathNumber)).size, paths.length);
});

test('reads only the beginning of a long target', () => {
  const begin = `/${'%25'.repeat(10_000)}`;
  assert.is(pathNumber(begin), pathNumber(`${begin}${'/../'.repeat(100_000)}`));
});

test.run();
