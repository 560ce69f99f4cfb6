import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { FirewallPolicy } from '../../../active-response/backend/firewall-policy.ts';
import {
  prefixesIn,
  prefixSource,
  richRules,
  setSource,
} from '../../../active-response/backend/firewalld-rules.ts';

const DROP: FirewallPolicy = { action: 'drop', ports: [] };

test('makes one rule for each set without prefixes and ports', () => {
  assert.equal(richRules([], DROP), [
    'rule family="ipv4" source ipset="riposte4" drop',
    'rule family="ipv6" source ipset="riposte6" drop',
  ]);
});

test('makes a rule for each prefix, in its family', () => {
  assert.equal(richRules(['198.51.100.0/24', '2001:db8::/48'], DROP).slice(0, 2), [
    'rule family="ipv4" source address="198.51.100.0/24" drop',
    'rule family="ipv6" source address="2001:db8::/48" drop',
  ]);
});

test('rejects with “host unreachable”, by the name that each family has for it', () => {
  assert.equal(richRules([], { action: 'reject', ports: [] }), [
    'rule family="ipv4" source ipset="riposte4" reject type="icmp-host-unreachable"',
    'rule family="ipv6" source ipset="riposte6" reject type="icmp6-addr-unreachable"',
  ]);
});

test('makes a rule for each port, for TCP and UDP', () => {
  assert.equal(richRules([], { action: 'drop', ports: ['80', '8000-8100'] }).slice(0, 4), [
    'rule family="ipv4" source ipset="riposte4" port port="80" protocol="tcp" drop',
    'rule family="ipv4" source ipset="riposte4" port port="80" protocol="udp" drop',
    'rule family="ipv4" source ipset="riposte4" port port="8000-8100" protocol="tcp" drop',
    'rule family="ipv4" source ipset="riposte4" port port="8000-8100" protocol="udp" drop',
  ]);
});

test('reads the prefixes back from the rules, for every policy', () => {
  const prefixes = ['198.51.100.0/24', '2001:db8::/48'];
  for (const policy of [DROP, { action: 'reject', ports: ['80'] }] as const)
    assert.equal([...new Set(prefixesIn(richRules(prefixes, policy)))], prefixes);
  assert.equal(prefixesIn(richRules([], DROP)), []);
});

test('writes a set and a prefix as the source of a rule', () => {
  assert.is(setSource(4), 'source ipset="riposte4"');
  assert.is(prefixSource('198.51.100.0/24'), 'source address="198.51.100.0/24"');
});

test.run();
