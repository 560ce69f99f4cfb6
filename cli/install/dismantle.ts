import { existsSync } from 'node:fs';
import { type Command, type Executor, realExecutor } from '../../active-response/backend/execute.ts';
import { lookForProgram } from '../../active-response/backend/find-program.ts';
import { parseIpset } from '../../active-response/backend/ipset.ts';
import type { Io } from '../verb.ts';
import { dismantleFirewalld } from './dismantle-firewalld.ts';
import type { Site } from './site.ts';

/** How long one program may take, in seconds. */
const TIME_LIMIT = 20;

/**
 * Takes out of the firewall what was there for blocks alone: the table of nft, the sets of ipset with the chains
 * that look them up, and what firewalld has for good. Only where nobody is in them any more; what stays then blocks
 * nobody else, and is no failure. Of another host's file system only the files of its firewalld are in reach.
 */
export function dismantle(site: Site, io: Io): void {
  const executor = realExecutor(TIME_LIMIT, io.env);
  if (site.root === '/') dismantleKernel(executor, io);
  dismantleFirewalld(site, executor, io);
}

function dismantleKernel(executor: Executor, { env }: Io): void {
  const has = (program: string) => lookForProgram(program, env.PATH) !== undefined;
  if (has('nft')) dismantleNftables(executor);
  // To ask ipset would load its kernel module.
  if (has('ipset') && existsSync('/sys/module/ip_set'))
    for (const family of [4, 6] as const) dismantleIpset(family, executor);
}

function dismantleNftables(executor: Executor): void {
  const { ok, stdout } = executor.look({ program: 'nft', args: ['-j', 'list', 'table', 'inet', 'riposte'] });
  if (!ok) return;
  const objects = JSON.parse(stdout).nftables as { set?: { elem?: unknown[] } }[];
  if (objects.some(({ set }) => (set?.elem ?? []).length > 0)) return;
  executor.run({ program: 'nft', args: ['delete', 'table', 'inet', 'riposte'] });
}

/** The rules first: a set that one of them names cannot be destroyed. */
function dismantleIpset(family: 4 | 6, executor: Executor): void {
  const set = `riposte${family}`;
  const { ok, stdout } = executor.look({ program: 'ipset', args: ['list', set] });
  if (!ok || parseIpset(stdout).length > 0) return;
  const program = family === 4 ? 'iptables' : 'ip6tables';
  const iptables = (table: string, ...args: string[]): Command => ({
    program,
    args: ['-w', '5', '-t', table, ...args],
  });
  const jump = ['-m', 'set', '--match-set', set, 'src', '-j', 'RIPOSTE'];
  const commands = [
    ...[
      ['raw', 'PREROUTING'],
      ['filter', 'INPUT'],
      ['filter', 'FORWARD'],
    ].map(([table = '', hook = '']) => iptables(table, '-D', hook, ...jump)),
    ...['raw', 'filter'].flatMap((table) => [
      iptables(table, '-F', 'RIPOSTE'),
      iptables(table, '-X', 'RIPOSTE'),
    ]),
    { program: 'ipset', args: ['destroy', set] },
  ];
  for (const command of commands) executor.run(command); // each fails where there is nothing of the kind
}
