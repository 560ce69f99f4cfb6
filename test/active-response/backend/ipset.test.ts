import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Change } from '../../../active-response/backend/backend.ts';
import type { FirewallPolicy } from '../../../active-response/backend/firewall-policy.ts';
import { planIpset } from '../../../active-response/backend/ipset.ts';
import { parseIpset } from '../../../active-response/backend/ipset-objects.ts';
import { parseTarget } from '../../../base/address.ts';
import { EX } from '../../../base/errors.ts';
import type { Command } from '../../../base/execute.ts';
import { refuses } from '../support.ts';

const DROP: FirewallPolicy = { action: 'drop', ports: [] };
const line = ({ program, args }: Command) => [program, ...args].join(' ');

function plan(address: string, some: Partial<Change> = {}, policy = DROP) {
  return planIpset({ verb: 'block', known: false, address: parseTarget(address), ...some }, policy);
}
/** The attempts of a plan, each as lines of words. */
const lines = (...of: Parameters<typeof plan>) => plan(...of).map(({ commands }) => commands.map(line));
const inputOf = (...of: Parameters<typeof plan>) =>
  plan(...of)[1]?.commands.find(({ program }) => program.endsWith('-restore'))?.input;

test('adds the address, and checks chain and jumps at a block', () => {
  assert.equal(lines('203.0.113.9', { seconds: 600 })[0], [
    'ipset -exist add riposte4 203.0.113.9 timeout 600',
    'iptables -w 5 -t raw -C PREROUTING -m set --match-set riposte4 src -j RIPOSTE',
    'iptables -w 5 -t raw -C RIPOSTE -j DROP',
  ]);
});

test('declares everything when a check fails, and first deletes jumps of an earlier policy', () => {
  assert.equal(lines('203.0.113.9', { seconds: 600 })[1], [
    'ipset -exist create riposte4 hash:net family inet timeout 0 counters maxelem 1048576',
    'ipset -exist add riposte4 203.0.113.9 timeout 600',
    'iptables -w 5 -t raw -D PREROUTING -m set --match-set riposte4 src -j RIPOSTE',
    'iptables -w 5 -t filter -D INPUT -m set --match-set riposte4 src -j RIPOSTE',
    'iptables -w 5 -t filter -D FORWARD -m set --match-set riposte4 src -j RIPOSTE',
    'iptables -w 5 -t filter -F RIPOSTE',
    'iptables-restore -w 5 --noflush',
    'iptables -w 5 -t raw -I PREROUTING -m set --match-set riposte4 src -j RIPOSTE',
  ]);
  assert.is(inputOf('203.0.113.9'), '*raw\n:RIPOSTE - [0:0]\n-A RIPOSTE -j DROP\nCOMMIT\n');
});

test('makes the second and last attempt after any failure of the first', () => {
  const [first, second] = plan('203.0.113.9');
  assert.ok(first?.nextIf?.test('iptables: Bad rule (does a matching rule exist in that chain?).'));
  assert.ok(first?.nextIf?.test('exit status 1'));
  assert.is(second?.nextIf, undefined);
});

test('uses IPv6’s own set and programs', () => {
  const [first = [], second = []] = lines('2001:db8::9', {});
  assert.is(first[0], 'ipset -exist add riposte6 2001:db8::9 timeout 0');
  assert.is(
    second[0],
    'ipset -exist create riposte6 hash:net family inet6 timeout 0 counters maxelem 1048576',
  );
  for (const each of [...first, ...second])
    assert.match(each, /^(ipset .* riposte6 |ip6tables -w 5 |ip6tables-restore -w 5 )/);
});

test('puts prefixes into the same sets', () => {
  assert.is(
    lines('198.51.100.7/24', { seconds: 60 })[0]?.[0],
    'ipset -exist add riposte4 198.51.100.0/24 timeout 60',
  );
  assert.is(lines('2001:db8:1::/48')[0]?.[0], 'ipset -exist add riposte6 2001:db8:1::/48 timeout 0');
});

test('uses timeout 0 for a block without an end, and ipset’s longest timeout for a long block', () => {
  assert.match(lines('203.0.113.9')[0]?.[0] ?? '', / timeout 0$/);
  assert.match(lines('203.0.113.9', { seconds: 2_147_483 })[0]?.[0] ?? '', / timeout 2147483$/);
  assert.match(lines('203.0.113.9', { seconds: 315_360_000 })[0]?.[0] ?? '', / timeout 2147483$/);
});

test('rejects in INPUT and FORWARD, where netfilter allows it', () => {
  const policy: FirewallPolicy = { action: 'reject', ports: [] };
  assert.equal(lines('203.0.113.9', {}, policy)[0]?.slice(1), [
    'iptables -w 5 -t filter -C INPUT -m set --match-set riposte4 src -j RIPOSTE',
    'iptables -w 5 -t filter -C FORWARD -m set --match-set riposte4 src -j RIPOSTE',
    'iptables -w 5 -t filter -C RIPOSTE -j REJECT --reject-with icmp-host-unreachable',
  ]);
  assert.equal(lines('203.0.113.9', {}, policy)[1]?.slice(-2), [
    'iptables -w 5 -t filter -I INPUT -m set --match-set riposte4 src -j RIPOSTE',
    'iptables -w 5 -t filter -I FORWARD -m set --match-set riposte4 src -j RIPOSTE',
  ]);
  assert.is(
    inputOf('203.0.113.9', {}, policy),
    '*filter\n:RIPOSTE - [0:0]\n-A RIPOSTE -j REJECT --reject-with icmp-host-unreachable\nCOMMIT\n',
  );
  assert.match(inputOf('2001:db8::9', {}, policy) ?? '', /--reject-with icmp6-addr-unreachable\n/);
});

test('closes only the given ports, for TCP and UDP, with ranges in iptables’ form', () => {
  assert.is(
    inputOf('203.0.113.9', {}, { action: 'drop', ports: ['80', '8000-8100'] }),
    '*raw\n:RIPOSTE - [0:0]\n-A RIPOSTE -p tcp -m multiport --dports 80,8000:8100 -j DROP\n-A RIPOSTE -p udp -m multiport --dports 80,8000:8100 -j DROP\nCOMMIT\n',
  );
});

test('accepts up to fifteen ports in a rule, counts a range as two, and refuses more', () => {
  const ports = Array.from({ length: 15 }, (_, index) => String(index + 1));
  assert.match(inputOf('203.0.113.9', {}, { action: 'drop', ports }) ?? '', /--dports 1,2,3,.*,15 /);
  for (const tooMany of [
    [...ports, '16'],
    [...ports.slice(1), '20-30'],
  ])
    refuses(
      () => plan('203.0.113.9', {}, { action: 'drop', ports: tooMany }),
      EX.CONFIG,
      /^FIREWALL_PORTS: iptables takes at most 15 ports in a rule; list fewer, or merge them into ranges$/,
    );
});

test('deletes the entry of an unblocked address, and tolerates a missing set or entry', () => {
  assert.equal(lines('203.0.113.9', { verb: 'unblock', known: true }), [
    ['ipset -exist del riposte4 203.0.113.9'],
  ]);
  assert.equal(lines('2001:db8::/48', { verb: 'unblock' }), [['ipset -exist del riposte6 2001:db8::/48']]);
  const tolerate = plan('203.0.113.9', { verb: 'unblock' })[0]?.commands[0]?.tolerate;
  assert.ok(tolerate?.test('ipset v7.17: The set with the given name does not exist'));
  assert.not(tolerate?.test('ipset v7.17: Kernel error received: Operation not permitted'));
});

test('unblocks even when a rule cannot hold the ports', () => {
  const ports = Array.from({ length: 20 }, (_, index) => String(index + 1));
  assert.is(plan('203.0.113.9', { verb: 'unblock' }, { action: 'drop', ports }).length, 1);
});

/** As `ipset list riposte4` of ipset 7.17 prints it. */
const LISTING = `Name: riposte4
Type: hash:net
Revision: 7
Header: family inet hashsize 1024 maxelem 1048576 timeout 0 counters bucketsize 12 initval 0x7fc2f1a6
Size in memory: 1736
References: 1
Number of entries: 3
Members:
203.0.113.9 timeout 590 packets 0 bytes 0
198.51.100.0/24 timeout 0 packets 12 bytes 720
203.0.113.10
`;

test('lists addresses and prefixes with their counters', () => {
  assert.equal(parseIpset(LISTING), [
    ['203.0.113.9', { packets: 0, bytes: 0 }],
    ['198.51.100.0/24', { packets: 12, bytes: 720 }],
    ['203.0.113.10', { packets: undefined, bytes: undefined }],
  ]);
});

test('lists nothing for an empty or missing set', () => {
  assert.equal(parseIpset(LISTING.slice(0, LISTING.indexOf('203'))), []);
  assert.equal(parseIpset(''), []);
});

test.run();
