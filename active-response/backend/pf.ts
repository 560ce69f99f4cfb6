import { EX, RiposteError } from '../errors.ts';
import { type Backend, type Change, type InForce, look, type Plan, runPlan } from './backend.ts';
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

/** The commands for many changes: the table in one run each way; to end states pfctl takes one address at a time. */
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
