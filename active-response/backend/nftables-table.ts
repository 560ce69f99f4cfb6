import { type Address, bitsOf, netmask } from '../../base/address.ts';
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

export const setOf = ({ family, prefix }: Address) =>
  `blocked${family}${prefix === bitsOf(family) ? '' : `_${prefix}`}`;

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

/** `create` fails if the set exists, so its rule is never added twice. */
export function prefixSet(address: Address): [set: string, rule: string] {
  const [type, ip] = address.family === 4 ? ['ipv4_addr', 'ip'] : ['ipv6_addr', 'ip6'];
  return [
    `create set ${TABLE} ${setOf(address)} { type ${type}; flags timeout; counter; }`,
    `add rule ${TABLE} prefixes ${ip} saddr & ${netmask(address)} @${setOf(address)} goto verdict`,
  ];
}

function statement({ action, ports }: FirewallPolicy): string {
  const match = ports.length === 0 ? '' : `meta l4proto { tcp, udp } th dport { ${ports.join(', ')} } `;
  return `${match}counter name dropped ${action === 'drop' ? 'drop' : 'reject with icmpx type host-unreachable'}`;
}

/** Returns a policy as a 32-bit number (FNV-1a of its statement). */
export function fingerprint(policy: FirewallPolicy): string {
  let hash = 0x811c9dc5;
  for (const char of statement(policy)) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193) >>> 0;
  return `0x${hash.toString(16).padStart(8, '0')}`;
}

export function script(lines: string | string[], tolerate?: RegExp): Command {
  return { program: 'nft', args: ['-f', '-'], input: `${[lines].flat().join('\n')}\n`, tolerate };
}
