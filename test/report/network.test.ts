import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseAddress } from '../../base/address.ts';
import { networkOf } from '../../report/network.ts';

test('returns the /24 of an IPv4 address and the /48 of an IPv6 address', () => {
  for (const [address, network] of [
    ['203.0.113.7', '203.0.113.0/24'],
    ['203.0.113.240/28', '203.0.113.0/24'],
    ['198.51.0.0/16', '198.51.0.0/16'],
    ['2001:db8:7:1::9', '2001:db8:7::/48'],
    ['2001:db8:7::', '2001:db8:7::/48'],
    ['2001:db8::9', '2001:db8::/48'],
    ['2001:db8:0:1::9', '2001:db8::/48'],
    ['2001:0:0:1:2:3:4:5', '2001::/48'],
    ['2001:0:7:1:2:3:4:5', '2001:0:7::/48'],
    ['2001::7', '2001::/48'],
    ['::7', '::/48'],
    ['2001:db8:7::/64', '2001:db8:7::/48'],
    ['2001:db8::/32', '2001:db8::/32'],
  ] as const)
    assert.is(networkOf(address), network, address);
});

test('agrees with the address parser for addresses of every form', () => {
  const groups = ['0', '1', 'db8', 'ffff'];
  for (let i = 0; i < 4 ** 5; i++) {
    const some = [0, 1, 2, 3, 4].map((at) => groups[(i >> (2 * at)) & 3]);
    const { text } = parseAddress(`2001:${some.join(':')}:0:9`);
    assert.is(networkOf(text), parseAddress(`${text}/48`).text, text);
  }
});

test('returns undefined when the text is not an address', () => {
  for (const text of ['', 'example.org', '<b>', '1.2.3', '203.0.113.7 '])
    assert.is(networkOf(text), undefined, text);
});

test.run();
