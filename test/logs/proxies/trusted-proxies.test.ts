import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CDN_NAMES, proxies } from '../../../active-response/settings/values.ts';
import { overlaps, parseAddress } from '../../../base/address.ts';
import { EX } from '../../../base/errors.ts';
import { CDN_LISTS } from '../../../logs/proxies/cdn-lists.ts';
import { isPrivate, TrustedProxies } from '../../../logs/proxies/trusted-proxies.ts';
import { refuses } from '../../active-response/support.ts';

test('trusts addresses, prefixes and names of CDNs, and nothing else', () => {
  const trusted = new TrustedProxies(['203.0.113.7', '198.51.100.0/25', '2001:db8:1::/48', 'cloudflare']);
  for (const address of [
    '203.0.113.7',
    '198.51.100.0',
    '198.51.100.127',
    '2001:db8:1::',
    '2001:db8:1:ffff:ffff:ffff:ffff:ffff',
    '173.245.48.1',
    '2400:cb00::1',
    '::ffff:203.0.113.7',
    '64:ff9b::203.0.113.7',
    '64:ff9b::cb00:7107',
  ])
    assert.ok(trusted.has(address), address);
  for (const address of [
    '203.0.113.6',
    '203.0.113.8',
    '198.51.100.128',
    '198.51.99.255',
    '2001:db8::ffff',
    '2001:db8:2::',
    '::203.0.113.7',
    '64:ff9b:1::203.0.113.7',
    'cloudflare',
    '203.0.113.7:80',
    '',
  ])
    assert.not(trusted.has(address), address);
});

test('trusts a NAT64 prefix as written, without the IPv4 addresses in it', () => {
  assert.ok(new TrustedProxies(['64:ff9b::/96']).has('64:ff9b::203.0.113.7'));
  assert.ok(new TrustedProxies(['64:ff9b::203.0.113.0/120']).has('64:ff9b::203.0.113.7'));
  assert.not(new TrustedProxies(['64:ff9b::/96']).has('203.0.113.7'));
});

test('trusts no address when there are no items', () => {
  assert.not(new TrustedProxies([]).has('203.0.113.7'));
  assert.not(new TrustedProxies([]).has('2001:db8::7'));
});

test('refuses an item of another form, and names the item', () => {
  for (const item of ['cloudflair', 'host.example', '203.0.113.7/33', ''])
    refuses(
      () => new TrustedProxies([item]),
      EX.CONFIG,
      /^TRUSTED_PROXIES: .*; write an address, a prefix, or one of/,
    );
});

const prefix = fc.oneof(
  fc.tuple(fc.ipV4(), fc.integer({ min: 8, max: 32 })),
  fc.tuple(fc.ipV6(), fc.integer({ min: 20, max: 128 })),
  // Many prefixes are close together, so that they overlap and touch.
  fc.tuple(
    fc.nat(255).map((last) => `198.51.100.${last}`),
    fc.integer({ min: 24, max: 32 }),
  ),
  fc.tuple(
    fc.nat(255).map((last) => `2001:db8::${last.toString(16)}`),
    fc.integer({ min: 118, max: 128 }),
  ),
);
const host = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.nat(255).map((last) => `198.51.100.${last}`),
  fc.nat(255).map((last) => `2001:db8::${last.toString(16)}`),
);

test('trusts an address exactly when it is in one of the prefixes', () => {
  fc.assert(
    fc.property(fc.array(prefix, { maxLength: 20 }), host, (prefixes, text) => {
      const items = prefixes.map(([address, length]) => `${address}/${length}`);
      // TrustedProxies compares mapped and translated addresses as IPv4; other tests cover them.
      const address = parseAddress(text);
      const isEmbedded = text.includes(':') && (address.family === 4 || text.startsWith('64:ff9b'));
      fc.pre(!isEmbedded);
      const expected = items.map(parseAddress).some((each) => overlaps(each, address));
      assert.is(new TrustedProxies(items).has(text), expected, `${text} in ${items}`);
    }),
    { numRuns: 5000 },
  );
});

test('counts an address as private when no client on the Internet can have it', () => {
  for (const address of [
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.0.1',
    '100.64.0.1',
    '100.127.255.255',
    '169.254.1.1',
    '127.0.0.1',
    '::1',
    'fc00::1',
    'fdff::1',
    'fe80::1',
    'febf::1',
    '::ffff:10.0.0.1',
    '64:ff9b::10.0.0.1',
  ])
    assert.ok(isPrivate(address), address);
  for (const address of [
    '9.255.255.255',
    '11.0.0.0',
    '172.15.0.1',
    '172.32.0.0',
    '192.169.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '203.0.113.7',
    '::',
    '::2',
    'fbff::1',
    'fe00::1',
    'fec0::1',
    '::10.0.0.1',
    '64:ff9b::203.0.113.7',
    'x',
  ])
    assert.not(isPrivate(address), address);
});

for (const [name, { date, source, prefixes }] of CDN_LISTS) {
  test(`has a list of ${name} with a date, sources, and no prefix that is too wide`, () => {
    assert.match(date, /^20\d\d-\d\d-\d\d$/);
    assert.ok(source.length > 0 && source.every((each) => each.startsWith('https://')));
    assert.ok(prefixes.length > 10);
    assert.equal(proxies(prefixes.join(',')), [...prefixes]);
    assert.is(new Set(prefixes).size, prefixes.length);
    for (const each of prefixes) assert.is(parseAddress(each).text, each);
  });
}

test('accepts the names of all lists in the setting', () => {
  assert.equal([...CDN_LISTS.keys()].sort(), [...CDN_NAMES].sort());
});

test.run();
