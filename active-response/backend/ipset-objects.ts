import { existsSync } from 'node:fs';
import { canonical } from '../../base/address.ts';
import type { Command } from '../../base/execute.ts';
import type { Host } from './host.ts';
import type { InForce } from './in-force.ts';

/** The chain of our rules: in the table `raw` for dropping, in `filter` for rejecting. */
export const CHAIN = 'RIPOSTE';

/** The chains that may jump to it: chains of `raw` for dropping, chains of `filter` for rejecting. */
export const HOOKS = { raw: ['PREROUTING'], filter: ['INPUT', 'FORWARD'] } as const;
export type Table = keyof typeof HOOKS;
export const TABLES = Object.keys(HOOKS) as Table[];

export const setOf = (family: 4 | 6): string => `riposte${family}`;

/** The match of a jump, and its target. */
export const jumpOf = (family: 4 | 6): string[] => [
  ...['-m', 'set', '--match-set', setOf(family), 'src'],
  ...['-j', CHAIN],
];

export const iptables = (family: 4 | 6, table: Table, ...args: string[]): Command => ({
  program: family === 4 ? 'iptables' : 'ip6tables',
  args: ['-w', '5', '-t', table, ...args],
});

/** Removes the jumps of both policies; each command fails if its jump does not exist. */
export const deleteJumps = (family: 4 | 6): Command[] =>
  TABLES.flatMap((table) =>
    HOOKS[table].map((hook) => iptables(family, table, '-D', hook, ...jumpOf(family))),
  );

/** True if sets may exist. Does not run ipset, because ipset would load its kernel module. */
export const isLoaded = ({ has }: Host): boolean => has('ipset') && existsSync('/sys/module/ip_set');

/** Lists a family's set. */
export const listing = (family: 4 | 6): Command => ({
  program: 'ipset',
  args: ['list', setOf(family)],
  tolerate: /does not exist/,
});

/** The members in ipset's plain listing, with their counters. */
export function parseIpset(text: string): [string, InForce][] {
  const [, members = ''] = text.split(/^Members:\n/m);
  return members.split('\n').flatMap((line): [string, InForce][] => {
    const [address, ...words] = line.split(' ');
    if (!address) return [];
    const number = (name: string) =>
      words.includes(name) ? Number(words[words.indexOf(name) + 1]) : undefined;
    return [[canonical(address), { packets: number('packets'), bytes: number('bytes') }]];
  });
}
