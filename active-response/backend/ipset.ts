import { canonical } from '../address.ts';
import { EX, RiposteError } from '../errors.ts';
import { withLock } from '../lock.ts';
import { type Backend, type Change, type InForce, look, type Plan, runPlan } from './backend.ts';
import type { Command, Executor } from './execute.ts';

import type { FirewallPolicy } from './firewall-policy.ts';

/** ipset's longest timeout, in seconds; longer blocks are renewed by a sweep. */
const LONGEST = 2_147_483;
/** The most ports that one multiport match takes; a range counts as two. */
const MOST_PORTS = 15;
const CHAIN = 'RIPOSTE';
const LOCK = '/run/riposte-ipset.lock';
/** How long to wait for the lock, in seconds: hundreds may stand before us. Of one that has ended it is taken over at once. */
const LONGEST_WAIT = 300;
/** Nobody declares for another: each has its own element to add. */
const NEVER = () => false;

/**
 * ipset and iptables, for hosts without `nft`: one hash:net set a family, with timeouts, and one chain that
 * looks them up. Dropping is done in raw PREROUTING, before conntrack and for forwarded traffic too;
 * rejecting, which netfilter allows only there, in INPUT and FORWARD of the filter table.
 */
export function ipset(policy: FirewallPolicy): Backend {
  return {
    name: 'ipset',
    apply: (change, executor) => apply(change, policy, executor),
    applyAll(changes, executor) {
      runPlan([{ commands: [restoreSets(changes)] }], executor);
      // The rules are a family's: one address of it has them checked, and declared where they are missing.
      for (const family of [4, 6] as const) {
        const one = changes.find(({ verb, address }) => verb === 'block' && address.family === family);
        if (one) apply(one, policy, executor);
      }
      return new Map();
    },
    list: (executor) => new Map(([4, 6] as const).flatMap((family) => inForce(family, executor))),
  };
}

/** The members of a family's set; none when no rule looks it up, or nothing stands behind the look-up. */
function inForce(family: 4 | 6, executor: Executor): [string, InForce][] {
  const set = `riposte${family}`;
  const members = parseIpset(look(listing(set), executor));
  if (members.length === 0) return [];
  const isLookedUp = HOOKS.some(({ table, hooks }) => {
    const program = family === 4 ? 'iptables' : 'ip6tables';
    const rules = look({ program, args: ['-w', '5', '-t', table, '-S'] }, executor);
    const jumps = hooks.every((hook) =>
      rules.includes(`-A ${hook} -m set --match-set ${set} src -j ${CHAIN}\n`),
    );
    return jumps && new RegExp(`^-A ${CHAIN} .*(DROP|REJECT)`, 'm').test(rules);
  });
  return isLookedUp ? members : [];
}

/** Where a jump of ours may be, for dropping and for rejecting. */
const HOOKS = [
  { table: 'raw', hooks: ['PREROUTING'] },
  { table: 'filter', hooks: ['INPUT', 'FORWARD'] },
];

/** Many members at once, and the sets that they go into. With `-exist` what is there already is no error. */
function restoreSets(changes: readonly Change[]): Command {
  const families = ([4, 6] as const).filter((family) =>
    changes.some(({ verb, address }) => verb === 'block' && address.family === family),
  );
  const lines = changes.map(({ verb, address: { family, text }, seconds }) =>
    verb === 'block'
      ? `add riposte${family} ${text} timeout ${timeoutOf(seconds)}`
      : `del riposte${family} ${text}`,
  );
  const creations = families.map((family) => createSet(family).join(' '));
  return { program: 'ipset', args: ['-exist', 'restore'], input: `${[...creations, ...lines].join('\n')}\n` };
}

const timeoutOf = (seconds = 0): string => String(Math.min(seconds, LONGEST));

const createSet = (family: 4 | 6): string[] => [
  ...['create', `riposte${family}`, 'hash:net', 'family', family === 4 ? 'inet' : 'inet6'],
  ...['timeout', '0', 'counters', 'maxelem', '1048576'],
];

/** To declare is to delete jumps and to insert them again: of two at once each would leave one. */
function apply(change: Change, policy: FirewallPolicy, executor: Executor): void {
  const plan = planIpset(change, policy);
  if (change.verb === 'unblock' || executor.dryRun) {
    runPlan(plan, executor);
    return;
  }
  if (plan[0]?.commands.every((command) => executor.run(command).ok)) return;
  withLock(LOCK, LONGEST_WAIT, NEVER, () => runPlan(plan, executor));
}

/**
 * The commands for one change. Each block also checks that chain and jumps are there: a set that no rule looks
 * up blocks nobody. When one is not, all is declared.
 *
 * @throws RiposteError (CONFIG) when there are more ports than a rule takes
 */
export function planIpset({ verb, address, seconds }: Change, policy: FirewallPolicy): Plan {
  const family = address.family;
  const set = `riposte${family}`;
  const iptables = (...args: string[]): Command => ({
    program: family === 4 ? 'iptables' : 'ip6tables',
    args: ['-w', '5', ...args],
  });
  if (verb === 'unblock') {
    const args = ['-exist', 'del', set, address.text];
    return [{ commands: [{ program: 'ipset', args, tolerate: /does not exist/ }] }];
  }
  const { table, hooks, rules } = layout(policy, family);
  const add: Command = {
    program: 'ipset',
    args: ['-exist', 'add', set, address.text, 'timeout', timeoutOf(seconds)],
  };
  const jump = (hook: string) => [hook, '-m', 'set', '--match-set', set, 'src', '-j', CHAIN];
  const checks = [
    ...hooks.map((hook) => iptables('-t', table, '-C', ...jump(hook))),
    ...rules.map((rule) => iptables('-t', table, '-C', CHAIN, ...rule)),
  ];
  const declare = [
    { program: 'ipset', args: ['-exist', ...createSet(family)] },
    add,
    ...forgetJumps(iptables, jump),
    emptyChain(iptables, table === 'raw' ? 'filter' : 'raw'),
    restore(family, table, rules),
    ...hooks.map((hook) => iptables('-t', table, '-I', ...jump(hook))),
  ];
  return [{ commands: [add, ...checks], nextIf: /./ }, { commands: declare }];
}

/** The members in ipset's plain listing, and what they have counted. */
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

const listing = (set: string): Command => ({
  program: 'ipset',
  args: ['list', set],
  tolerate: /does not exist/,
});

function layout({ action, ports }: FirewallPolicy, family: 4 | 6) {
  if (ports.reduce((sum, port) => sum + (port.includes('-') ? 2 : 1), 0) > MOST_PORTS) {
    throw new RiposteError(EX.CONFIG, `FIREWALL_PORTS: iptables takes at most ${MOST_PORTS} ports in a rule`);
  }
  const answer = family === 4 ? 'icmp-host-unreachable' : 'icmp6-addr-unreachable';
  const target = action === 'drop' ? ['-j', 'DROP'] : ['-j', 'REJECT', '--reject-with', answer];
  const list = ports.map((port) => port.replace('-', ':')).join(',');
  const rules =
    list === ''
      ? [target]
      : ['tcp', 'udp'].map((l4) => ['-p', l4, '-m', 'multiport', '--dports', list, ...target]);
  return action === 'drop'
    ? { table: 'raw', hooks: ['PREROUTING'], rules }
    : { table: 'filter', hooks: ['INPUT', 'FORWARD'], rules };
}

/** Jumps of an earlier policy: each is deleted once, and there is at most one. */
function forgetJumps(iptables: (...args: string[]) => Command, jump: (hook: string) => string[]): Command[] {
  const places = [
    ['raw', 'PREROUTING'],
    ['filter', 'INPUT'],
    ['filter', 'FORWARD'],
  ] as const;
  return places.map(([table, hook]) => ({ ...iptables('-t', table, '-D', ...jump(hook)), tolerate: /./ }));
}

/** The chain of an earlier policy in the other table, so that nothing blocks that is not looked at. */
function emptyChain(iptables: (...args: string[]) => Command, table: string): Command {
  return { ...iptables('-t', table, '-F', CHAIN), tolerate: /./ };
}

/** `:CHAIN - [0:0]` makes the chain or empties it, in one commit with its new rules. */
function restore(family: 4 | 6, table: string, rules: string[][]): Command {
  const lines = [
    `*${table}`,
    `:${CHAIN} - [0:0]`,
    ...rules.map((rule) => `-A ${CHAIN} ${rule.join(' ')}`),
    'COMMIT',
  ];
  return {
    program: family === 4 ? 'iptables-restore' : 'ip6tables-restore',
    args: ['-w', '5', '--noflush'],
    input: `${lines.join('\n')}\n`,
  };
}
