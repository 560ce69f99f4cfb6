import type { FirewallPolicy } from './firewall-policy.ts';

/** The text by which a rich rule names our ipset of a family. */
export const setSource = (family: 4 | 6): string => `source ipset="riposte${family}"`;

/** The text by which a rich rule names a prefix. */
export const prefixSource = (prefix: string): string => `source address="${prefix}"`;

/** The prefixes that our rich rules block. */
export function prefixesIn(rules: readonly string[]): string[] {
  return rules.flatMap((rule) => / source address="([^"]+)"/.exec(rule)?.[1] ?? []);
}

/** The rich rules for both sets and these prefixes, spelled as firewalld spells them. */
export function richRules(prefixes: Iterable<string>, policy: FirewallPolicy): string[] {
  const sources = [...prefixes].map((prefix) => ({
    family: prefix.includes(':') ? (6 as const) : (4 as const),
    source: prefixSource(prefix),
  }));
  for (const family of [4, 6] as const) sources.push({ family, source: setSource(family) });
  return sources.flatMap(({ family, source }) =>
    matches(policy).map((match) => `rule family="ipv${family}" ${source}${match} ${verdict(family, policy)}`),
  );
}

const matches = ({ ports }: FirewallPolicy): string[] =>
  ports.length === 0
    ? ['']
    : ports.flatMap((port) => ['tcp', 'udp'].map((l4) => ` port port="${port}" protocol="${l4}"`));

function verdict(family: 4 | 6, { action }: FirewallPolicy): string {
  if (action === 'drop') return 'drop';
  return `reject type="${family === 4 ? 'icmp-host-unreachable' : 'icmp6-addr-unreachable'}"`;
}
