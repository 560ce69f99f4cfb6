import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sourceNetwork } from '../../logs/source-network.ts';

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

test.run();
