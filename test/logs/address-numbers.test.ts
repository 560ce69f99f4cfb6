import { SocketAddress } from 'node:net';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseAddress } from '../../base/address.ts';
import {
  ipv4Number,
  ipv4Text,
  ipv6Text,
  mappedIpv4,
  readIpv6,
  translatedIpv4,
} from '../../logs/address-numbers.ts';
import { someRuns } from '../runner/share.ts';

const RUNS = { numRuns: someRuns(20_000) };

/** The groups of an IPv6 address; undefined when the text is not an address. */
function groupsOf(text: string): Uint16Array | undefined {
  const groups = new Uint16Array(8).fill(0xabcd);
  return readIpv6(text, 0, text.length, groups) ? groups : undefined;
}

const numberOf = (text: string): bigint | undefined =>
  groupsOf(text)?.reduce((value, group) => (value << 16n) | BigInt(group), 0n);

/** Parses a host's address with Riposte's other parser, which uses the C library's parser. */
function reference(text: string): { family: 4 | 6; value: bigint } | undefined {
  if (text.includes('/')) return undefined;
  try {
    if (!text.includes(':')) return parseAddress(text);
    const { address } = new SocketAddress({ address: text, family: 'ipv6' });
    if (text.includes('%') || address === undefined) return undefined;
    // An IPv4-mapped address is IPv4 for parseAddress, but 128 bits here.
    const { family, value } = parseAddress(text);
    return { family: 6, value: family === 6 ? value : (0xffffn << 32n) | value };
  } catch {
    return undefined;
  }
}

/** Texts that are addresses, or differ from an address in a character or two. */
const nearAddress = fc
  .tuple(
    fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.ipV4().map((text) => `::ffff:${text}`),
      fc.ipV4().map((text) => `64:ff9b::${text}`),
    ),
    fc.array(
      fc.tuple(
        fc.nat(50),
        fc.nat(2),
        fc.constantFrom(':', '::', '.', '0', '00', 'f', 'F', '255', '256', 'g', ''),
      ),
      {
        maxLength: 2,
      },
    ),
  )
  .map(([text, edits]) =>
    edits.reduce((each, [at, removed, inserted]) => {
      const place = at % (each.length + 1);
      return each.slice(0, place) + inserted + each.slice(place + removed);
    }, text),
  );

test('reads a text as an address exactly when the C library does, with the same value', () => {
  let addresses = 0;
  fc.assert(
    fc.property(nearAddress, (text) => {
      const expected = reference(text);
      if (expected) addresses++;
      const ipv4 = ipv4Number(text);
      assert.equal(
        ipv4 < 0 ? undefined : BigInt(ipv4),
        expected?.family === 4 ? expected.value : undefined,
        text,
      );
      assert.equal(numberOf(text), expected?.family === 6 ? expected.value : undefined, text);
    }),
    RUNS,
  );
  assert.ok(addresses > 2000 && addresses < 18_000, `${addresses} addresses`);
});

test('reads a part of a text as if it were the whole text', () => {
  assert.is(ipv4Number('x203.0.113.7:80', 1, 12), 0xcb007107);
  const groups = new Uint16Array(8);
  assert.ok(readIpv6('[2001:db8::7]', 1, 12, groups));
  assert.is(ipv6Text(groups), '2001:db8::7');
  assert.not(readIpv6('[2001:db8::7]', 0, 12, groups));
});

test('accepts and refuses the right texts at the edges of the grammar', () => {
  for (const text of [
    '',
    '1',
    '1.2.3',
    '1.2.3.4.',
    '.1.2.3',
    '1..2.3',
    '01.2.3.4',
    '00.0.0.0',
    '1.2.3.256',
    '1.2.3.4444',
  ])
    assert.is(ipv4Number(text), -1, text);
  for (const text of ['0.0.0.0', '255.255.255.255']) assert.is(ipv4Text(ipv4Number(text)), text);
  for (const text of [
    '',
    ':',
    ':::',
    '1',
    '1:',
    ':1',
    '::1:',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
  ])
    assert.is(groupsOf(text), undefined, text);
  for (const text of [
    '1:2:3:4:5:6:7::8',
    '::12345',
    '::g',
    '1:2:3:4:5:6:7:1.2.3.4',
    '::1.2.3',
    '::1.2.3.4:5',
    '::01.2.3.4',
  ])
    assert.is(groupsOf(text), undefined, text);
  for (const text of [
    '::',
    '::1',
    '1::',
    '1:2:3:4:5:6:7::',
    '::2:3:4:5:6:7:8',
    '1:2:3:4:5:6:1.2.3.4',
    '::FFFF:1.2.3.4',
  ])
    assert.ok(groupsOf(text), text);
});

test('writes an IPv6 address as RFC 5952 says', () => {
  fc.assert(
    fc.property(fc.uint16Array({ minLength: 8, maxLength: 8 }), fc.nat(255), (groups, zeros) => {
      const some = groups.map((group, index) => ((zeros >> index) & 1 ? 0 : group));
      const text = ipv6Text(some);
      assert.equal(groupsOf(text), some, text);
      const { family, text: expected } = parseAddress(text);
      if (family === 6) assert.is(text, expected);
    }),
    RUNS,
  );
  for (const [text, expected] of [
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['1:0:0:0:0:0:0:0', '1::'],
    ['2001:DB8::0:7', '2001:db8::7'],
  ] as const)
    assert.is(ipv6Text(groupsOf(text) ?? new Uint16Array()), expected);
});

test('finds the IPv4 address in a mapped and in a translated address', () => {
  const address = 0xcb007107;
  const of = (text: string) => {
    const groups = groupsOf(text) ?? new Uint16Array();
    return [mappedIpv4(groups), translatedIpv4(groups)];
  };
  assert.equal(of('::ffff:203.0.113.7'), [address, -1]);
  assert.equal(of('::FFFF:cb00:7107'), [address, -1]);
  assert.equal(of('64:ff9b::203.0.113.7'), [-1, address]);
  for (const text of ['::203.0.113.7', '64:ff9b:1::203.0.113.7', '1::ffff:203.0.113.7', '2002:cb00:7107::'])
    assert.equal(of(text), [-1, -1], text);
});

test.run();
