import { EX, RiposteError } from '../../base/errors.ts';
import type { Command } from '../../base/execute.ts';
import { type Backend, type Change, look, type Plan, runPlan } from './backend.ts';
import type { FirewallPolicy } from './firewall-policy.ts';
import type { InForce } from './in-force.ts';

/** The table that pf.conf must look up: `table <riposte> persist` and `block in quick from <riposte>`. */
const TABLE = 'riposte';

/**
 * BSD's packet filter, controlled by `pfctl`: addresses go into one table, and pf.conf decides about their packets. A
 * pf table has no timeout, so only the ledger ends a block that the manager forgets. A block also kills the host's open
 * states, because pf checks states before rules.
 */
export function pf(policy: FirewallPolicy): Backend {
  return {
    name: 'pf',
    isHostWide: true,
    suits: () => process.platform.endsWith('bsd'),
    mayHold: ({ has }) => has('pfctl'),
    apply: (change, executor) => runPlan(planPf(change, policy), executor),
    applyAll(changes, executor) {
      runPlan([{ commands: planManyPf(changes, policy) }], executor);
      return new Map();
    },
    list: (executor) =>
      new Map(parsePf(look(LISTING, executor)).map((address): [string, InForce] => [address, {}])),
  };
}

/**
 * The commands for one change.
 *
 * @throws RiposteError (CONFIG) when ports or rejecting are set in riposte.conf: they belong in pf.conf
 */
export function planPf({ verb, address }: Change, { action, ports }: FirewallPolicy): Plan {
  if (action !== 'drop' || ports.length > 0) {
    throw new RiposteError(
      EX.CONFIG,
      'pf takes ports and rejecting from pf.conf; unset FIREWALL_ACTION and FIREWALL_PORTS',
    );
  }
  const change = (word: string) => ({
    program: 'pfctl',
    args: ['-q', '-t', TABLE, '-T', word, address.text],
  });
  if (verb === 'unblock') return [{ commands: [{ ...change('delete'), tolerate: /Table does not exist/ }] }];
  return [{ commands: [change('add'), { program: 'pfctl', args: ['-q', '-k', address.text] }] }];
}

/**
 * The commands for many changes: pfctl runs once for each kind of table change, then once for each blocked address,
 * to kill its states.
 */
export function planManyPf(changes: readonly Change[], policy: FirewallPolicy): Command[] {
  const single = changes.flatMap((change) => planPf(change, policy)[0]?.commands ?? []);
  const ofVerb = (verb: Change['verb']) =>
    changes.filter((each) => each.verb === verb).map(({ address }) => `${address.text}\n`);
  const change = (word: string, lines: string[], tolerate?: RegExp): Command[] =>
    lines.length === 0
      ? []
      : [
          {
            program: 'pfctl',
            args: ['-q', '-t', TABLE, '-T', word, '-f', '-'],
            input: lines.join(''),
            tolerate,
          },
        ];
  return [
    ...change('add', ofVerb('block')),
    ...change('delete', ofVerb('unblock'), /Table does not exist/),
    ...single.filter(({ args }) => args.includes('-k')),
  ];
}

/** The addresses that `pfctl -T show` prints, one a line, indented. */
export const parsePf = (text: string): string[] => text.split('\n').flatMap((line) => line.trim() || []);

const LISTING: Command = {
  program: 'pfctl',
  args: ['-t', TABLE, '-T', 'show'],
  tolerate: /Table does not exist/,
};
