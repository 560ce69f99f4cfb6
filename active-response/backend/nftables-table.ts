import { type Address, firstHost, isHost, netmask } from '../../base/address.ts';
import type { Command } from '../../base/execute.ts';
import type { FirewallPolicy } from './firewall-policy.ts';

export const TABLE = 'inet riposte';

/** nft's messages when an element or a set exists already, or its key exists with another value. */
export const EXISTS = /File exists|resource busy/i;
/** nft's message when a table, a set or an element does not exist. */
export const MISSING = /No such file or directory/;
export const TRY_ANOTHER = new RegExp(`${EXISTS.source}|${MISSING.source}`, 'i');

/** A timeout for nft, in days and seconds: nft refuses more than eight digits of seconds. */
export const timeoutOf = (seconds: number): string =>
  seconds < DAY ? `timeout ${seconds}s` : `timeout ${Math.floor(seconds / DAY)}d${seconds % DAY}s`;
const DAY = 86_400;

/** The set that holds a host, or a network of this length. */
export const setOf = (address: Address): string =>
  isHost(address) ? `blocked${address.family}` : `network${address.family}_${address.prefix}`;

/**
 * The set in which earlier versions keep a network of this length. The chain `prefixes` looks it up without a guard, so
 * that the blocks of those versions stay in force.
 */
export const earlierSetOf = ({ family, prefix }: Address): string => `blocked${family}_${prefix}`;

/** The set of the guard keys of a family's networks. */
export const guardOf = (family: 4 | 6): string => `wide${family}`;

/** The chain with one rule for each length of a family's networks. */
export const chainOf = (family: 4 | 6): string => `networks${family}`;

/** The masks of the guard keys: the /16 of an IPv4 address, and the second group of an IPv6 address. */
const GUARD_MASK = { 4: '255.255.0.0', 6: '0:ffff::' };

/**
 * The guard keys of a network. The kernel looks up an address in the networks only if its key is in the set, because
 * each length costs a look-up per packet. A key stays after its networks are released, because a key without a network
 * only costs time.
 */
export function guardKeys({ family, value, prefix }: Address): string[] {
  if (family === 6) return [firstHost({ family, value: value & (0xffffn << 96n), prefix, text: '' })];
  const first = value >> 16n;
  return Array.from({ length: 2 ** Math.max(0, 16 - prefix) }, (_, index) =>
    firstHost({ family, value: (first + BigInt(index)) << 16n, prefix, text: '' }),
  );
}

/**
 * Declares the whole table for a policy, even if parts of it exist. The map `made_for` records the policy of the rules:
 * adding the same value again changes nothing, adding another fails. So every block notices a changed policy.
 */
export function declaration(policy: FirewallPolicy): string[] {
  return [
    `add table ${TABLE}`,
    `add set ${TABLE} blocked4 { type ipv4_addr; flags timeout; counter; }`,
    `add set ${TABLE} blocked6 { type ipv6_addr; flags timeout; counter; }`,
    `add map ${TABLE} made_for { type mark : mark; }`,
    `flush map ${TABLE} made_for`,
    `add chain ${TABLE} verdict`,
    `add chain ${TABLE} prefixes`,
    `add chain ${TABLE} networks4`,
    `add chain ${TABLE} networks6`,
    `add chain ${TABLE} block { type filter hook prerouting priority -300; policy accept; }`,
    ...rules(policy),
  ];
}

/** Declares the rules of the table, even if parts of it exist. */
export function rules(policy: FirewallPolicy): string[] {
  return [
    // A named counter keeps its count when the rules are declared again.
    `add counter ${TABLE} dropped`,
    `flush chain ${TABLE} verdict`,
    `add rule ${TABLE} verdict ${statement(policy)}`,
    `flush chain ${TABLE} block`,
    `add rule ${TABLE} block ip saddr @blocked4 goto verdict`,
    `add rule ${TABLE} block ip6 saddr @blocked6 goto verdict`,
    `add rule ${TABLE} block jump prefixes`,
  ];
}

/** An object of the table, and the rule that looks it up. */
interface Declared {
  readonly name: string;
  readonly create: string;
  readonly rule: string;
}

/**
 * The guard of a network's family, and the set of its length. `create` fails if the set exists, so two processes never
 * add its rule twice. A set of a fixed size, without timeouts, is looked up in half the time; no family has more keys.
 */
export function networkSets(address: Address): [guard: Declared, set: Declared] {
  const { family } = address;
  const [type, ip] = family === 4 ? ['ipv4_addr', 'ip'] : ['ipv6_addr', 'ip6'];
  const [guard, set, chain] = [guardOf(family), setOf(address), chainOf(family)];
  const lookUp = (mask: string, name: string) => `${ip} saddr & ${mask} @${name}`;
  return [
    {
      name: guard,
      create: `create set ${TABLE} ${guard} { type ${type}; size 65536; }`,
      rule: `add rule ${TABLE} prefixes ${lookUp(GUARD_MASK[family], guard)} jump ${chain}`,
    },
    {
      name: set,
      create: `create set ${TABLE} ${set} { type ${type}; flags timeout; counter; }`,
      rule: `add rule ${TABLE} ${chain} ${lookUp(netmask(address), set)} goto verdict`,
    },
  ];
}

function statement({ action, ports }: FirewallPolicy): string {
  const match = ports.length === 0 ? '' : `meta l4proto { tcp, udp } th dport { ${ports.join(', ')} } `;
  return `${match}counter name dropped ${action === 'drop' ? 'drop' : 'reject with icmpx type host-unreachable'}`;
}

/** Records the policy of the rules: fails if the table has the rules of another policy. */
export const policyMark = (policy: FirewallPolicy): string =>
  `add element ${TABLE} made_for { 0 : ${fingerprint(policy)} }`;

/** Returns a policy as a 32-bit number (FNV-1a of its statement). */
function fingerprint(policy: FirewallPolicy): string {
  let hash = 0x811c9dc5;
  for (const char of statement(policy)) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193) >>> 0;
  return `0x${hash.toString(16).padStart(8, '0')}`;
}

export function script(lines: string | string[], tolerate?: RegExp): Command {
  return { program: 'nft', args: ['-f', '-'], input: `${[lines].flat().join('\n')}\n`, tolerate };
}
