import { SocketAddress } from 'node:net';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  bitsOf,
  firstHost,
  isHost,
  netmask,
  overlaps,
  parseAddress,
  parseHost,
  parseTarget,
} from '../../base/address.ts';
import { EX } from '../../base/errors.ts';
import { refuses } from '../active-response/support.ts';

const textOf = (text: string) => parseAddress(text).text;

for (const [given, canonical] of [
  ['203.0.113.9', '203.0.113.9'],
  ['203.0.113.9/32', '203.0.113.9'],
  ['203.0.113.9/24', '203.0.113.0/24'],
  ['0.0.0.0', '0.0.0.0'],
  ['255.255.255.255', '255.255.255.255'],
  ['2001:DB8::9', '2001:db8::9'],
  ['2001:db8:0:0:0:0:0:9', '2001:db8::9'],
  ['2001:0db8:0000:0000:0000:0000:0000:0009', '2001:db8::9'],
  ['2001:db8::9/128', '2001:db8::9'],
  ['2001:db8:1:2:3:4:5:6/64', '2001:db8:1:2::/64'],
  ['2001:db8:ffff::/33', '2001:db8:8000::/33'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
  ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
  ['1:0:0:0:0:0:0:0', '1::'],
  ['::', '::'],
  ['::1', '::1'],
  ['::/0', '::/0'],
  ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ['::192.0.2.33', '::c000:221'],
  ['::ffff:198.51.100.1', '198.51.100.1'],
  ['::FFFF:198.51.100.1', '198.51.100.1'],
  ['::ffff:c633:6401', '198.51.100.1'],
  ['0:0:0:0:0:ffff:198.51.100.1', '198.51.100.1'],
  ['0000:0000:0000:0000:0000:FFFF:C633:6401', '198.51.100.1'],
  ['::ffff:198.51.100.1/128', '198.51.100.1'],
  ['::ffff:198.51.100.1/120', '198.51.100.0/24'],
  ['::ffff:198.51.100.1/96', '0.0.0.0/0'],
  ['::ffff:0:198.51.100.1', '::ffff:0:c633:6401'],
] as const) {
  test(`writes ${given} as ${canonical}`, () => {
    const address = parseAddress(given);
    assert.is(address.text, canonical);
    assert.is(address.family, canonical.includes(':') ? 6 : 4);
    assert.equal(parseAddress(canonical), address);
  });
}

const NO_ADDRESSES = [
  'www.example.com',
  'localhost',
  '-',
  '-rf',
  '$(id)',
  '203.0.113.46 extra $(id) ;x',
  ' 203.0.113.9',
  '203.0.113.9 ',
  '203.0.113.9\n',
  '203.0.113',
  '203.0.113.9.1',
  '203.0.113.256',
  '203.0.113.09',
  '203.0.113.',
  '203..113.9',
  '1e2.0.113.9',
  '010.0.0.1',
  '0x7f.0.0.1',
  '3405803785',
  '203.0.113.9:80',
  '[2001:db8::9]',
  '2001:db8::9%eth0',
  'fe80::1%1',
  '2001:db8::9::1',
  '2001:db8::g',
  '2001:db8::00009',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  ':1',
  '::ffff:198.51.100.256',
  '::ffff:198.51.100.01',
  '203.0.113.9/',
  '203.0.113.9/33',
  '203.0.113.9/-1',
  '203.0.113.9/ 24',
  '203.0.113.9/24/24',
  '203.0.113.9/255.255.255.0',
  '203.0.113.9/1e1',
  '203.0.113.9/0x8',
  '2001:db8::/129',
  '2001:db8::/1000',
  '/24',
  '/',
  '203.0.113.9\u0000',
  '2001:db8::9\u0000',
  '2001:db8::9\u0000x',
  '::\u0000',
  '::ffff:203.0.113.9\u0000',
  '2001:db8::9\n',
  ' 2001:db8::9',
  '2001:db8::9%',
  '2001:db8::9\u0000/64',
  '２０３.0.113.9',
  '__proto__',
  'constructor',
];
for (const text of NO_ADDRESSES) {
  test(`refuses ${JSON.stringify(text)} as an address`, () => {
    refuses(() => parseAddress(text), EX.DATAERR, /^'.*' is not an IP (address|prefix)$/);
    refuses(() => parseTarget(text), EX.DATAERR, /^'.*' is not an IP (address|prefix)$/);
  });
}

test('says that no address was given when the text is empty', () => {
  refuses(() => parseAddress(''), EX.DATAERR, /^no address was given \(by hand: add - ADDRESS\)$/);
  refuses(() => parseTarget(''), EX.DATAERR, /^no address was given \(by hand: add - ADDRESS\)$/);
});

test('keeps the message of a refusal short and printable for any input', () => {
  refuses(
    () => parseTarget(`\u001b[2J\n${'x'.repeat(70_000)}`),
    EX.DATAERR,
    /^'\\u001b\[2J\\u000ax{70,80}…' is not an IP address$/,
  );
});

for (const text of ['0.0.0.0', '::', '::ffff:0.0.0.0', '0.0.0.0/32', '::/128']) {
  test(`refuses the unspecified address ${text} as a target`, () => {
    refuses(() => parseTarget(text), EX.DATAERR, /is not a host$/);
  });
}

for (const text of ['0.0.0.0/0', '203.0.113.0/7', '128.0.0.0/1', '::ffff:0:0/96', '::ffff:203.0.113.0/103']) {
  test(`refuses to block the IPv4 prefix ${text}, which is too wide`, () => {
    refuses(() => parseTarget(text), EX.DATAERR, /is wider than \/8$/);
  });
}

for (const text of ['::/0', '2001:db8::/31', '8000::/1', '::ffff:0:0/31']) {
  test(`refuses to block the IPv6 prefix ${text}, which is too wide`, () => {
    refuses(() => parseTarget(text), EX.DATAERR, /is wider than \/32$/);
  });
}

test('accepts prefixes as wide as /8 and /32', () => {
  assert.is(parseTarget('203.0.113.9/8').text, '203.0.0.0/8');
  assert.is(parseTarget('2001:db8:1::/32').text, '2001:db8::/32');
});

test('treats an address as a host only when its prefix has the full length', () => {
  assert.ok(isHost(parseAddress('203.0.113.9')));
  assert.ok(isHost(parseAddress('::ffff:203.0.113.9/128')));
  assert.not(isHost(parseAddress('203.0.113.8/31')));
  assert.not(isHost(parseAddress('2001:db8::/127')));
  assert.is(bitsOf(4), 32);
  assert.is(bitsOf(6), 128);
});

test('writes netmasks like addresses', () => {
  assert.is(netmask(parseAddress('198.51.100.0/24')), '255.255.255.0');
  assert.is(netmask(parseAddress('198.51.100.128/25')), '255.255.255.128');
  assert.is(netmask(parseAddress('0.0.0.0/0')), '0.0.0.0');
  assert.is(netmask(parseAddress('198.51.100.1')), '255.255.255.255');
  assert.is(netmask(parseAddress('2001:db8::/33')), 'ffff:ffff:8000::');
  assert.is(netmask(parseAddress('::/0')), '::');
});

test('writes the first host of a prefix, without a prefix length', () => {
  assert.is(firstHost(parseAddress('198.51.100.77/24')), '198.51.100.0');
  assert.is(firstHost(parseAddress('2001:db8::77/64')), '2001:db8::');
  assert.is(firstHost(parseAddress('203.0.113.9')), '203.0.113.9');
});

for (const [a, b, both] of [
  ['203.0.113.9', '203.0.113.9', true],
  ['203.0.113.9', '203.0.113.8', false],
  ['203.0.113.9', '203.0.113.0/24', true],
  ['203.0.114.9', '203.0.113.0/24', false],
  ['203.0.0.0/16', '203.0.113.0/24', true],
  ['203.0.112.0/24', '203.0.113.0/24', false],
  ['0.0.0.0/0', '203.0.113.9', true],
  ['::/0', '2001:db8::9', true],
  ['::/0', '203.0.113.9', false],
  ['0.0.0.0/0', '::', false],
  ['::ffff:203.0.113.9', '203.0.113.0/24', true],
  ['2001:db8::/33', '2001:db8:8000::/33', false],
  ['2001:db8::/32', '2001:db8:8000::/33', true],
] as const) {
  test(`finds that ${a} and ${b} ${both ? 'overlap' : 'have no host in common'}`, () => {
    assert.is(overlaps(parseAddress(a), parseAddress(b)), both);
    assert.is(overlaps(parseAddress(b), parseAddress(a)), both);
  });
}

/** An IPv6 address as eight groups, many of them zero, in one of its spellings. */
const groups = fc.array(fc.oneof(fc.constant(0), fc.constant(0), fc.integer({ min: 0, max: 0xffff })), {
  minLength: 8,
  maxLength: 8,
});
const written = fc.tuple(groups, fc.boolean(), fc.boolean()).map(([all, padded, upper]) => {
  const text = all.map((group) => group.toString(16).padStart(padded ? 4 : 1, '0')).join(':');
  return upper ? text.toUpperCase() : text;
});

test('writes IPv6 as WHATWG URL does', () => {
  fc.assert(
    fc.property(fc.oneof(written, fc.ipV6()), (text) => {
      const canonical = new URL(`http://[${text}]/`).hostname.slice(1, -1);
      const { text: ours, family } = parseAddress(text);
      if (family === 4) {
        const back = new URL(`http://[::ffff:${ours}]/`).hostname.slice(1, -1);
        assert.is(back, canonical);
      } else assert.is(ours, canonical);
    }),
    { numRuns: 10_000 },
  );
});

test('reads IPv6 as node:net does', () => {
  fc.assert(
    fc.property(written, (text) => {
      const { family, text: ours } = parseAddress(text);
      fc.pre(family === 6);
      const address = (each: string) => new SocketAddress({ address: each, family: 'ipv6' }).address;
      assert.is(address(ours), address(text));
    }),
    { numRuns: 5000 },
  );
});

test('writes IPv4 and its mapped form as node:net and WHATWG URL do', () => {
  fc.assert(
    fc.property(fc.ipV4(), (text) => {
      assert.is(textOf(text), new SocketAddress({ address: text, family: 'ipv4' }).address);
      assert.is(textOf(text), new URL(`http://${text}/`).hostname);
      assert.is(textOf(`::ffff:${text}`), text);
      assert.is(textOf(new URL(`http://[::ffff:${text}]/`).hostname.slice(1, -1)), text);
    }),
    { numRuns: 5000 },
  );
});

test('parses an address with any length to the prefix around it, and the prefix’s text to the same prefix', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), written), fc.nat(128), (text, length) => {
      const host = parseAddress(text);
      const prefix = length % (bitsOf(host.family) + 1);
      const network = parseAddress(`${host.text}/${prefix}`);
      const behind = (1n << BigInt(bitsOf(network.family) - network.prefix)) - 1n;
      assert.is(network.value & behind, 0n);
      assert.is(network.prefix, prefix);
      assert.ok(overlaps(network, host));
      const mapped = network.family === 6 && network.value >> 32n === 0xffffn;
      if (!mapped) assert.equal(parseAddress(network.text), network);
    }),
    { numRuns: 5000 },
  );
});

test('finds that prefixes overlap exactly when they share a host', () => {
  const prefixes = fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 29, max: 32 }));
  fc.assert(
    fc.property(prefixes, prefixes, ([lastA, lengthA], [lastB, lengthB]) => {
      const a = parseAddress(`198.51.100.${lastA * 2}/${lengthA}`);
      const b = parseAddress(`198.51.100.${lastB * 2}/${lengthB}`);
      const hostsIn = (each: typeof a) =>
        Array.from({ length: 2 ** (32 - each.prefix) }, (_, i) => each.value + BigInt(i));
      assert.is(
        overlaps(a, b),
        hostsIn(a).some((host) => hostsIn(b).includes(host)),
      );
    }),
    { numRuns: 2000 },
  );
});

test('accepts one host as the source of an alert, and advises how to block a prefix', () => {
  assert.is(parseHost('::ffff:203.0.113.7').text, '203.0.113.7');
  assert.is(parseHost('203.0.113.7/32').text, '203.0.113.7');
  assert.is(parseHost('2001:db8::7/128').text, '2001:db8::7');
  for (const [prefix, network] of [
    ['203.0.113.7/31', '203.0.113.6/31'],
    ['203.0.113.7/24', '203.0.113.0/24'],
    ['::ffff:203.0.113.7/120', '203.0.113.0/24'],
    ['2001:db8::7/64', '2001:db8::/64'],
  ] as const)
    refuses(
      () => parseHost(prefix),
      EX.DATAERR,
      new RegExp(
        `^'${prefix}' is a prefix, but an alert blocks one host; to block the prefix: riposte block ${network}$`,
      ),
    );
  for (const text of ['', '0.0.0.0', 'host.example', '203.0.113.7/33'])
    refuses(() => parseHost(text), EX.DATAERR, /^no address|is not a host$|is not an IP/);
});

test.run();
