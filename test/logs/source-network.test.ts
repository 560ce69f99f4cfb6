import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseAddress } from '../../base/address.ts';
import { canonicalHost, sourceNetwork } from '../../logs/source-network.ts';

for (const [address, length, network] of [
  ['2001:db8:bad:7::9', 64, '2001:db8:bad:7::/64'],
  ['2001:0DB8:0bad:0007:1:2:3:4', 64, '2001:db8:bad:7::/64'],
  ['2001:db8::9', 64, '2001:db8::/64'],
  ['2001:db8:0:1::', 64, '2001:db8:0:1::/64'],
  ['2001:db8:bad:ff07::9', 56, '2001:db8:bad:ff00::/56'],
  ['2001:db8:bad:7::9', 48, '2001:db8:bad::/48'],
  ['2001:db8:bad:7:ffff::9', 65, '2001:db8:bad:7:8000::/65'],
  ['2001:db8:bad:7::9', 127, '2001:db8:bad:7::8/127'],
  ['2001:db8:bad:7::9', 128, '2001:db8:bad:7::9'],
  ['::ffff:203.0.113.9', 64, '203.0.113.9'],
  ['64:ff9b::203.0.113.9', 64, '64:ff9b::203.0.113.9'],
  ['2001:0:4136:e378:8000:63bf:3fff:fdd2', 64, '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
  ['203.0.113.9', 64, '203.0.113.9'],
  ['2001:db8::9%eth0', 64, '2001:db8::9%eth0'],
  ['a:name', 64, 'a:name'],
  ['-', 64, '-'],
] as const)
  test(`takes ${address} for ${network} by /${length}`, () => {
    assert.is(sourceNetwork(address, length), network);
  });

test('returns the right network when addresses and lengths change between calls', () => {
  for (let round = 0; round < 2; round++) {
    assert.is(sourceNetwork('2001:db8:1:2::9', 64), '2001:db8:1:2::/64');
    assert.is(sourceNetwork('2001:db8:1:2::9', 48), '2001:db8:1::/48');
    assert.is(sourceNetwork('2001:db8:3:4::9', 48), '2001:db8:3::/48');
  }
});

for (const text of [
  '203.0.113.9',
  '203.0.113.9/32',
  '::ffff:203.0.113.9',
  '::FFFF:cb00:7109',
  '2001:0DB8:0:0:0:0:0:9',
  '2001:db8::9/128',
  '64:ff9b::203.0.113.9',
  '::1',
])
  test(`writes ${text} in canonical form`, () => {
    assert.is(canonicalHost(text), parseAddress(text).text);
  });

for (const text of ['a:name', '-', '2001:db8::9%eth0', ''])
  test(`returns ${text || 'an empty text'} as it is`, () => {
    assert.is(canonicalHost(text), text);
  });

test.run();
