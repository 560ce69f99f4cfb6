import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { networkKeys } from '../../base/network-key.ts';

const narrow = (text: string) => networkKeys(text).narrow;
const wide = (text: string) => networkKeys(text).wide;

test('gives the addresses of a /24 or a /48 the same narrow key', () => {
  assert.is(narrow('203.0.113.1'), narrow('203.0.113.200'));
  assert.is.not(narrow('203.0.113.1'), narrow('203.0.114.1'));
  assert.is(narrow('2001:db8:1:2::1'), narrow('2001:db8:1:3::1'));
  assert.is.not(narrow('2001:db8:1::1'), narrow('2001:db8:2::1'));
  assert.is(narrow('::ffff:203.0.113.1'), narrow('203.0.113.2'));
});

test('gives the addresses of a /16 or a /32 the same wide key', () => {
  assert.is(wide('203.0.113.1'), wide('203.0.7.200'));
  assert.is.not(wide('203.0.113.1'), wide('203.1.113.1'));
  assert.is(wide('2001:db8:1:2::1'), wide('2001:db8::/64'));
  assert.is.not(wide('2001:db8::1'), wide('2001:db9::1'));
  assert.is(wide('::ffff:203.0.113.1'), wide('203.0.7.2'));
});

for (const [text, narrowKey, wideKey] of [
  ['2001:db8:1:2::1', '2001:db8:1', '2001:db8'],
  ['2001:db8:1::', '2001:db8:1', '2001:db8'],
  ['2001:db8::1', '2001:db8:0', '2001:db8'],
  ['2001::1:2:3', '2001:0:0', '2001:0'],
  ['::1:2:3', '0:0:0', '0:0'],
  ['1:2:3:4:5:6:7:8', '1:2:3', '1:2'],
  ['1:2:3:4:5:6:7::', '1:2:3', '1:2'],
  ['::', '0:0:0', '0:0'],
] as const)
  test(`makes the keys from the first groups of ${text}`, () => {
    assert.equal(networkKeys(text), { narrow: narrowKey, wide: wideKey });
  });

test.run();
