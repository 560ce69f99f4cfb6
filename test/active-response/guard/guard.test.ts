import { mkdirSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { dirname } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { protectedBecause, type Surroundings } from '../../../active-response/guard/guard.ts';
import { ipv4Gateways, nameServers } from '../../../active-response/guard/host-addresses.ts';
import { homeAt } from '../../../active-response/home.ts';
import { parseAddress, parseTarget } from '../../../base/address.ts';
import { EX } from '../../../base/errors.ts';
import { realExecutor } from '../../../base/execute.ts';
import { directoryOfPrograms, refuses, temporaryDirectory } from '../support.ts';

/** A host whose only IPv6 gateway is 2001:db8:aaaa::1. */
const PATH = directoryOfPrograms({ ip: "echo 'default via 2001:db8:aaaa::1 dev eth0'" });

/** The file of an allow list with this text; without a text the file is missing. */
function fileWith(text?: string): string {
  const { allowList } = homeAt(temporaryDirectory());
  if (text === undefined) return allowList;
  mkdirSync(dirname(allowList), { recursive: true });
  writeFileSync(allowList, text);
  return allowList;
}

const MISSING = fileWith();

function reasonFor(address: string, some: Partial<Surroundings> = {}): string | undefined {
  return protectedBecause(parseTarget(address), {
    allowList: MISSING,
    allowPrivate: false,
    env: { SSH_CONNECTION: '203.0.113.77 50022 198.51.100.1 22' },
    ossecConf: undefined,
    byHand: 'no',
    executor: realExecutor(20, { PATH }),
    ...some,
  });
}

test('lets an unprotected address be blocked', () => {
  for (const address of ['203.0.113.9', '203.0.113.0/24', '2001:db8:bbbb::9', '2001:db8:bbbb::/48'])
    assert.is(reasonFor(address), undefined, address);
});

for (const [address, reason] of [
  ['127.0.0.1', 'loopback 127.0.0.0/8'],
  ['127.8.9.10', 'loopback 127.0.0.0/8'],
  ['::1', 'loopback'],
  ['::ffff:127.0.0.1', 'loopback 127.0.0.0/8'],
  ['127.0.0.0/8', 'loopback'],
  ['127.0.0.0/30', 'loopback 127.0.0.0/8'],
  ['::/32', 'loopback ::1'],
  ['169.254.1.1', 'link-local 169.254.0.0/16'],
  ['169.0.0.0/8', 'link-local 169.254.0.0/16'],
  ['fe80::1', 'link-local fe80::/10'],
  ['febf::1', 'link-local fe80::/10'],
  ['224.0.0.1', 'multicast or broadcast 224.0.0.0/4'],
  ['239.255.255.250', 'multicast or broadcast 224.0.0.0/4'],
  ['255.255.255.255', 'multicast or broadcast'],
  ['ff02::1', 'multicast or broadcast ff00::/8'],
] as const) {
  test(`never blocks ${address}: ${reason}`, () => {
    assert.is(reasonFor(address), reason);
  });
}

const PRIVATE = [
  '10.1.2.3',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.77.1',
  '100.64.0.9',
  '100.127.255.255',
  'fd00::77',
  'fc00::77',
];
/** Addresses of this machine, its name servers and its gateways. The guard protects them without ALLOW_PRIVATE, too. */
const ours = [
  ...Object.values(networkInterfaces()).flatMap((each = []) =>
    each.map(({ address }) => address.replace(/%.*/, '')),
  ),
  ...[...nameServers(), ...ipv4Gateways()].map(({ text }) => text),
];

test('protects private addresses only with ALLOW_PRIVATE', () => {
  for (const address of PRIVATE)
    assert.match(reasonFor(address, { allowPrivate: true }) ?? '', /^private \(ALLOW_PRIVATE\) /, address);
  const unowned = PRIVATE.filter((address) => !ours.includes(address));
  assert.ok(unowned.length > 0);
  for (const address of unowned) assert.is(reasonFor(address), undefined, address);
});

test('does not protect the addresses next to private ranges', () => {
  for (const address of [
    '11.0.0.1',
    '172.15.255.255',
    '172.32.0.1',
    '192.167.0.1',
    '192.169.0.1',
    '100.63.255.255',
    '100.128.0.0',
    '198.18.0.1',
    '203.0.113.99',
    'fe00::1',
    'fbff::1',
  ])
    assert.is(reasonFor(address, { allowPrivate: true }), undefined, address);
});

test('protects the entries of the allow list, addresses in its prefixes, and prefixes that contain an entry', () => {
  const allowList = fileWith('198.51.100.0/24\n203.0.113.9 # the office\n2001:db8:cccc::/48\n');
  assert.is(reasonFor('203.0.113.9', { allowList }), 'in the allow list');
  assert.is(reasonFor('203.0.113.8', { allowList }), undefined);
  assert.is(reasonFor('203.0.113.0/28', { allowList }), 'in the allow list 203.0.113.9');
  assert.is(reasonFor('198.51.100.77', { allowList }), 'in the allow list 198.51.100.0/24');
  assert.is(reasonFor('198.51.100.64/26', { allowList }), 'in the allow list 198.51.100.0/24');
  assert.is(reasonFor('198.51.0.0/16', { allowList }), 'in the allow list 198.51.100.0/24');
  assert.is(reasonFor('2001:db8:cccc::7', { allowList }), 'in the allow list 2001:db8:cccc::/48');
  assert.is(reasonFor('::ffff:203.0.113.9', { allowList }), 'in the allow list');
});

test('refuses every block when the allow list has an invalid line', () => {
  const allowList = fileWith('198.51.100.0/24\nthe office\n');
  refuses(
    () => reasonFor('203.0.113.9', { allowList }),
    EX.CONFIG,
    /riposte\.allow:2: 'the office' is not an address, a prefix or a host name$/,
  );
});

test('protects this host’s own addresses, name servers and gateways', () => {
  assert.ok(ours.length > 0);
  for (const address of ours.filter((each) => parseAddress(each).value !== 0n))
    assert.type(reasonFor(address), 'string', address);
});

test('protects the manager in ossec.conf, and prefixes that contain it', () => {
  const ossecConf =
    '<client><server-ip>198.51.100.1</server-ip></client><!-- <client><server-ip>198.51.100.2</server-ip></client> -->';
  assert.is(reasonFor('198.51.100.1', { ossecConf }), 'the manager');
  assert.is(reasonFor('198.51.100.0/30', { ossecConf }), 'the manager 198.51.100.1');
  assert.is(reasonFor('198.51.100.2', { ossecConf }), undefined);
});

test('protects the IPv6 gateway', () => {
  assert.is(reasonFor('2001:db8:aaaa::1'), 'a default gateway');
  assert.is(reasonFor('2001:db8:aaaa::/48'), 'a default gateway 2001:db8:aaaa::1');
});

test('protects an operator’s SSH peer, and prefixes that contain it', () => {
  assert.is(reasonFor('203.0.113.77', { byHand: 'maybe' }), 'the address of your login');
  assert.is(reasonFor('203.0.113.0/24', { byHand: 'maybe' }), 'the address of your login 203.0.113.77');
  assert.is(reasonFor('203.0.113.78', { byHand: 'maybe' }), undefined);
});

test('does not protect the SSH peer of a manager that was started over SSH', () => {
  assert.is(reasonFor('203.0.113.77'), undefined);
});

test.run();
