import { mkdirSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { dirname } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseAddress, parseTarget } from '../../../active-response/address.ts';
import { realExecutor } from '../../../active-response/backend/execute.ts';
import { EX } from '../../../active-response/errors.ts';
import { protectedBecause, type Surroundings } from '../../../active-response/guard/guard.ts';
import { ipv4Gateways, nameServers } from '../../../active-response/guard/host-addresses.ts';
import { type Home, homeAt } from '../../../active-response/home.ts';
import { directoryOfPrograms, refuses, temporaryDirectory } from '../support.ts';

/** A host whose only IPv6 gateway is 2001:db8:aaaa::1. */
const PATH = directoryOfPrograms({ ip: "echo 'default via 2001:db8:aaaa::1 dev eth0'" });

function homeWith(allowList?: string): Home {
  const home = homeAt(temporaryDirectory());
  if (allowList === undefined) return home;
  mkdirSync(dirname(home.allowList), { recursive: true });
  writeFileSync(home.allowList, allowList);
  return home;
}

const EMPTY = homeWith();

function why(address: string, some: Partial<Surroundings> = {}): string | undefined {
  return protectedBecause(parseTarget(address), {
    home: EMPTY,
    allowPrivate: false,
    env: { SSH_CONNECTION: '203.0.113.77 50022 198.51.100.1 22' },
    ossecConf: undefined,
    byHand: 'no',
    executor: realExecutor(20, { PATH }),
    ...some,
  });
}

test('an address that nobody protects may be blocked', () => {
  for (const address of ['203.0.113.9', '203.0.113.0/24', '2001:db8:bbbb::9', '2001:db8:bbbb::/48'])
    assert.is(why(address), undefined, address);
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
  test(`${address} is never blocked: ${reason}`, () => {
    assert.is(why(address), reason);
  });
}

const PRIVATE = ['10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.77.1', 'fd00::77', 'fc00::77'];
/** Whatever this machine itself has or uses, for which another reason comes first or holds anyway. */
const ours = [
  ...Object.values(networkInterfaces()).flatMap((each = []) =>
    each.map(({ address }) => address.replace(/%.*/, '')),
  ),
  ...[...nameServers(), ...ipv4Gateways()].map(({ text }) => text),
];

test('private addresses are protected with ALLOW_PRIVATE, and only then', () => {
  for (const address of PRIVATE)
    assert.match(why(address, { allowPrivate: true }) ?? '', /^private \(ALLOW_PRIVATE\) /, address);
  const strangers = PRIVATE.filter((address) => !ours.includes(address));
  assert.ok(strangers.length > 0);
  for (const address of strangers) assert.is(why(address), undefined, address);
});

test('their neighbours are not private', () => {
  for (const address of [
    '11.0.0.1',
    '172.15.255.255',
    '172.32.0.1',
    '192.167.0.1',
    '192.169.0.1',
    'fe00::1',
    'fbff::1',
  ])
    assert.is(why(address, { allowPrivate: true }), undefined, address);
});

test('the allow list protects its addresses, all in its prefixes, and the prefixes around them', () => {
  const home = homeWith('198.51.100.0/24\n203.0.113.9 # the office\n2001:db8:cccc::/48\n');
  assert.is(why('203.0.113.9', { home }), 'in the allow list');
  assert.is(why('203.0.113.8', { home }), undefined);
  assert.is(why('203.0.113.0/28', { home }), 'in the allow list 203.0.113.9');
  assert.is(why('198.51.100.77', { home }), 'in the allow list 198.51.100.0/24');
  assert.is(why('198.51.100.64/26', { home }), 'in the allow list 198.51.100.0/24');
  assert.is(why('198.51.0.0/16', { home }), 'in the allow list 198.51.100.0/24');
  assert.is(why('2001:db8:cccc::7', { home }), 'in the allow list 2001:db8:cccc::/48');
  assert.is(why('::ffff:203.0.113.9', { home }), 'in the allow list');
});

test('an allow list with a bad line blocks nobody', () => {
  const home = homeWith('198.51.100.0/24\nthe office\n');
  refuses(
    () => why('203.0.113.9', { home }),
    EX.CONFIG,
    /riposte\.allow:2: 'the office' is not an address or prefix$/,
  );
});

test('this host’s own addresses, name servers and gateways are protected', () => {
  assert.ok(ours.length > 0);
  for (const address of ours.filter((each) => parseAddress(each).value !== 0n))
    assert.type(why(address), 'string', address);
});

test('the manager in ossec.conf is protected, also by a prefix around it', () => {
  const ossecConf =
    '<client><server-ip>198.51.100.1</server-ip></client><!-- <client><server-ip>198.51.100.2</server-ip></client> -->';
  assert.is(why('198.51.100.1', { ossecConf }), 'the manager');
  assert.is(why('198.51.100.0/30', { ossecConf }), 'the manager 198.51.100.1');
  assert.is(why('198.51.100.2', { ossecConf }), undefined);
});

test('the IPv6 gateway is protected', () => {
  assert.is(why('2001:db8:aaaa::1'), 'a default gateway');
  assert.is(why('2001:db8:aaaa::/48'), 'a default gateway 2001:db8:aaaa::1');
});

test('the SSH peer of a person is protected, also by a prefix around it', () => {
  assert.is(why('203.0.113.77', { byHand: 'maybe' }), 'where you are logged in from');
  assert.is(why('203.0.113.0/24', { byHand: 'maybe' }), 'where you are logged in from 203.0.113.77');
  assert.is(why('203.0.113.78', { byHand: 'maybe' }), undefined);
});

test('the SSH peer counts for a person only: a manager that was started over SSH blocks it', () => {
  assert.is(why('203.0.113.77'), undefined);
});

test.run();
