import { planNftables } from '../active-response/backend/nftables.ts';
import { addition } from '../active-response/backend/route-commands.ts';
import { parseAddress } from '../base/address.ts';
import type { Command } from '../base/execute.ts';
import type { Host } from '../test/lab/host.ts';
import type { Installation } from '../test/lab/installation.ts';
import { compare, type Kind, medianOf, type Run } from './measure.ts';
import { address, ours, stock } from './subjects.ts';
import { printTable } from './table.ts';

const ROUNDS = 41;
const RUNS = 4;

/** CPU of one add, compared with a Node that does nothing and with the command that the response runs. */
export async function oneAdd(host: Host, at: Installation, stocks: readonly string[]): Promise<void> {
  let next = 0;
  const times = (make: () => Run): Kind => ({ host, runs: () => Array.from({ length: RUNS }, make) });
  const kinds: Record<string, Kind> = {
    'node -e 0': times(() => ({ words: [at.node, '-e', '0'] })),
    'nft alone': times(() => asRun(nftCommand(address(next++)))),
    'ip alone': times(() => asRun(addition(parseAddress(address(next++)), 'unreachable'))),
    'firewall-drop': times(() => ours(at, 'firewall-drop', address(next++))),
    'route-null': times(() => ours(at, 'route-null', address(next++))),
    'apache-deny': times(() => ours(at, 'apache-deny', address(next++))),
  };
  for (const file of stocks) kinds[`stock ${file}`] = times(() => stock(file, address(next++)));
  const rounds = await compare(ROUNDS, kinds);
  const runs: Record<string, string | undefined> = {
    'firewall-drop': 'nft alone',
    'route-null': 'ip alone',
    'apache-deny': '',
  };
  const rows = Object.keys(kinds).map((kind) => {
    const figure = (of: (round: Record<string, { cpu: number; wall: number }>) => number) =>
      medianOf(rounds, of);
    const cpu = (name: string) => (round: Record<string, { cpu: number }>) => round[name]?.cpu ?? 0;
    const tool = runs[kind];
    const above =
      tool === undefined ? '' : figure((r) => cpu(kind)(r) - cpu(tool)(r) - cpu('node -e 0')(r)).toFixed(1);
    const ratio = figure((r) => cpu(kind)(r) / cpu('node -e 0')(r));
    return [kind, figure(cpu(kind)), figure((r) => r[kind]?.wall ?? 0), `${ratio.toFixed(2)} x`, above];
  });
  const head = ['', 'CPU', 'wall', 'CPU / node -e 0', 'CPU above node -e 0 and its tool (goal: 10)'];
  printTable(`One add (ms; medians of ${ROUNDS - 1} rounds)`, head, rows);
}

function nftCommand(target: string): Command {
  const change = { verb: 'block', address: parseAddress(target), seconds: 900, known: false } as const;
  const [command] = planNftables(change, { action: 'drop', ports: [] })[0]?.commands ?? [];
  if (command === undefined) throw new Error('no plan');
  return command;
}

function asRun({ program, args, input }: Command): Run {
  return { words: [program, ...args], ...(input === undefined ? {} : { input }) };
}
