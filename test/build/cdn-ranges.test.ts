import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { READERS, renewed, textOf } from '../../build/cdn-ranges.ts';
import { CDN_LISTS } from '../../logs/proxies/cdn-lists.ts';

const BEFORE = {
  date: '2025-01-01',
  source: ['https://cdn.example/list'],
  prefixes: ['203.0.113.0/24', '198.51.100.0/24', '2001:db8::/32'],
};
const renew = (...published: unknown[]) => renewed(BEFORE, published, '2026-11-20');

test('gives a renewed list today’s date, the same source, and sorted prefixes without duplicates', () => {
  assert.equal(renew('2001:db8::/32', '203.0.113.0/24', '192.0.2.0/24', '203.0.113.0/24', '203.0.113.0/25'), {
    date: '2026-11-20',
    source: BEFORE.source,
    prefixes: ['192.0.2.0/24', '203.0.113.0/24', '203.0.113.0/25', '2001:db8::/32'],
  });
});

test('refuses an item that is not a prefix, or is too wide', () => {
  for (const item of [
    '0.0.0.0/0',
    '203.0.0.0/7',
    '2000::/19',
    '203.0.113.7',
    '<html>',
    '',
    7,
    null,
    undefined,
    'cloudflare',
    '10.0.0.0/8,192.0.2.0/24',
  ])
    assert.throws(
      () => renew(...BEFORE.prefixes, item),
      (error: Error) => error.message.endsWith('is not a prefix, or is too wide'),
      JSON.stringify(item),
    );
});

test('refuses a list that has lost half of a family’s prefixes', () => {
  const isGone = (error: Error) => /^only \d of \d prefixes are left$/.test(error.message);
  assert.throws(() => renew(), isGone);
  assert.throws(() => renew('203.0.113.0/24', '198.51.100.0/24'), isGone);
  assert.throws(() => renew('2001:db8::/32'), isGone);
  assert.is(renew('203.0.113.0/24', '2001:db8::/32').prefixes.length, 2);
});

test('has a reader for each list, and a list for each reader', () => {
  assert.equal(Object.keys(READERS).sort(), [...CDN_LISTS.keys()].sort());
});

for (const [name, text, prefixes] of [
  ['cloudflare', '203.0.113.0/24\n198.51.100.0/24\n', ['203.0.113.0/24', '198.51.100.0/24']],
  [
    'fastly',
    '{"addresses":["203.0.113.0/24"],"ipv6_addresses":["2001:db8::/32"]}',
    ['203.0.113.0/24', '2001:db8::/32'],
  ],
  [
    'cloudfront',
    JSON.stringify({
      prefixes: [
        { ip_prefix: '203.0.113.0/24', service: 'CLOUDFRONT_ORIGIN_FACING' },
        { ip_prefix: '198.51.100.0/24', service: 'CLOUDFRONT' },
      ],
      ipv6_prefixes: [{ ipv6_prefix: '2001:db8::/32', service: 'CLOUDFRONT_ORIGIN_FACING' }],
    }),
    ['203.0.113.0/24', '2001:db8::/32'],
  ],
] as const)
  test(`reads the list of ${name} as published`, () => assert.equal(READERS[name]?.(text), [...prefixes]));

test('refuses an error page', () => {
  for (const [name, read] of Object.entries(READERS)) {
    const before = CDN_LISTS.get(name) ?? BEFORE;
    for (const text of ['<html>Not found</html>', '', '{}', 'null'])
      assert.throws(() => renewed(before, read(text), '2026-11-20'), undefined, `${name}: ${text}`);
  }
});

for (const [name, list] of CDN_LISTS)
  test(`keeps the file of ${name}’s list in the form that a renewal writes`, () => {
    const again = renewed(list, list.prefixes, list.date);
    assert.is(readFileSync(`logs/proxies/lists/${name}.json`, 'utf8'), textOf(again));
  });

test.run();
