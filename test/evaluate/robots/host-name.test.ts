import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseAddress } from '../../../base/address.ts';
import { hostName, isInDomain, reverseName } from '../../../evaluate/robots/host-name.ts';

test('returns the DNS name of an address for a reverse look-up', () => {
  assert.is(reverseName(parseAddress('203.0.113.7')), '7.113.0.203.in-addr.arpa');
  assert.is(
    reverseName(parseAddress('2001:db8::7')),
    '7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa',
  );
});

test('reads a host name in any case, with and without the final dot', () => {
  assert.is(hostName('Crawl-1.GoogleBot.com.'), 'crawl-1.googlebot.com');
  assert.is(hostName('a_b.example'), 'a_b.example');
});

for (const name of [
  ...['', '.', 'localhost', 'a..googlebot.com', '.googlebot.com', 'a b.googlebot.com'],
  ...['a\0.googlebot.com', 'a\\.googlebot.com', 'a/b.googlebot.com', 'é.googlebot.com', 'a\n.googlebot.com'],
  ...[`${'a'.repeat(64)}.googlebot.com`, `${'a.'.repeat(125)}googlebot.com`, 'a.googlebot.com..'],
])
  test(`refuses a name that no host has: ${JSON.stringify(name.slice(0, 30))}`, () => {
    assert.is(hostName(name), undefined);
  });

test('compares domains label by label', () => {
  assert.ok(isInDomain('crawl-1.googlebot.com', 'googlebot.com'));
  assert.ok(isInDomain('a.b.googlebot.com', 'googlebot.com'));
  for (const other of [
    'evilgooglebot.com',
    'googlebot.com.evil.example',
    'googlebot.co',
    'com',
    'x-googlebot.com',
  ])
    assert.not(isInDomain(other, 'googlebot.com'), other);
});

test.run();
