import { EX, RiposteError } from '../errors.ts';
import { type Backend, type Change, look, type Plan, runPlan } from './backend.ts';
import type { Command } from './execute.ts';
import type { FirewallPolicy } from './firewall-policy.ts';

/** The table that pf.conf must look up: `table <riposte> persist` and `block in quick from <riposte>`. */
const TABLE = 'riposte';

/**
 * BSD's packet filter, by `pfctl`: addresses go into one table, and pf.conf says what happens to them. A pf
 * table has no timeout, so the ledger alone ends a block that the manager forgets. States that a blocked host
 * has open are ended, because pf looks at states before rules.
 */
export function pf(policy: FirewallPolicy): Backend {
  return {
    name: 'pf',
    apply: (change, executor) => runPlan(planPf(change, policy), executor),
    list: (executor) => new Set(parsePf(look(LISTING, executor))),
  };
}

/**
 * The commands for one change.
 *
 * @throws RiposteError (CONFIG) when ports or rejecting are set here and not, where they belong, in pf.conf
 */
export function planPf({ verb, address }: Change, { action, ports }: FirewallPolicy): Plan {
  if (action !== 'drop' || ports.length > 0) {
    throw new RiposteError(
      EX.CONFIG,
      'with pf, ports and rejecting are set in pf.conf, not by FIREWALL_ACTION or FIREWALL_PORTS',
    );
  }
  const change = (word: string) => ({
    program: 'pfctl',
    args: ['-q', '-t', TABLE, '-T', word, address.text],
  });
  if (verb === 'unblock') return [{ commands: [{ ...change('delete'), tolerate: /Table does not exist/ }] }];
  return [{ commands: [change('add'), { program: 'pfctl', args: ['-q', '-k', address.text] }] }];
}

/** The addresses that `pfctl -T show` prints, one a line, indented. */
export const parsePf = (text: string): string[] => text.split('\n').flatMap((line) => line.trim() || []);

const LISTING: Command = {
  program: 'pfctl',
  args: ['-t', TABLE, '-T', 'show'],
  tolerate: /Table does not exist/,
};
