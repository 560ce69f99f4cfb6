import type { Executor } from '../../base/execute.ts';
import { look } from './backend.ts';
import {
  CHAIN,
  deleteJumps,
  iptables,
  isLoaded,
  listing,
  parseIpset,
  setOf,
  TABLES,
} from './ipset-objects.ts';
import { sumOf, type Traffic, type Upkeep } from './upkeep.ts';

export const upkeep: Upkeep = {
  counters: (executor) => sumOf(RULES.map((command) => parseIptables(look(command, executor)))),
  dismantle(context) {
    if (context.root !== '/' || !isLoaded(context)) return;
    for (const family of [4, 6] as const) dismantle(family, context.executor);
  },
};

/** Lists all chains: if our chain is missing, listing it alone fails with a message that differs between versions. */
const RULES = ([4, 6] as const).flatMap((family) =>
  TABLES.map((table) => iptables(family, table, '-S', '-v')),
);

/** The sum of our DROP and REJECT rules' counters, from the listing of `iptables -S -v`. */
export function parseIptables(text: string): Traffic {
  const rules = [...text.matchAll(/^-A RIPOSTE .*?-c (\d+) (\d+) -j (?:DROP|REJECT)\b/gm)];
  return sumOf(rules.map(([, packets, bytes]) => ({ packets: Number(packets), bytes: Number(bytes) })));
}

/** Removes the rules first: a set that a rule names cannot be destroyed. */
function dismantle(family: 4 | 6, executor: Executor): void {
  const { ok, stdout } = executor.look(listing(family));
  if (!ok || stdout === '' || parseIpset(stdout).length > 0) return;
  const commands = [
    ...deleteJumps(family),
    ...TABLES.flatMap((table) => ['-F', '-X'].map((option) => iptables(family, table, option, CHAIN))),
    { program: 'ipset', args: ['destroy', setOf(family)] },
  ];
  for (const command of commands) executor.run(command); // each fails if its object does not exist
}
