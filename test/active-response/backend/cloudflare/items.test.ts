import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { itemOf } from '../../../../active-response/backend/cloudflare/items.ts';

for (const [address, item] of [
  ['203.0.113.9', '203.0.113.9'],
  ['203.0.113.0/24', '203.0.113.0/24'],
  ['2001:db8::7', '2001:db8::/64'],
  ['2001:db8:1:2:3::/80', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::/64', '2001:db8:1:2::/64'],
  ['2001:db8::/48', '2001:db8::/48'],
] as const)
  test(`sends ${address} as ${item}`, () => {
    assert.is(itemOf(address), item);
  });

test.run();
