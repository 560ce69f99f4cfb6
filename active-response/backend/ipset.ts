import { EX, RiposteError } from '../../base/errors.ts';
import type { Command, Executor } from '../../base/execute.ts';
import { withLock } from '../../base/lock.ts';
import { type Backend, type Change, look, type Plan, runPlan } from './backend.ts';
import type { FirewallPolicy } from './firewall-policy.ts';
import type { InForce } from './in-force.ts';
import {
  CHAIN,
  deleteJumps,
  HOOKS,
  iptables,
  isLoaded,
  jumpOf,
  listing,
  parseIpset,
  setOf,
  TABLES,
  type Table,
} from './ipset-objects.ts';
import { upkeep } from './ipset-upkeep.ts';

/** ipset's longest timeout, in seconds; a sweep renews longer blocks. */
const LONGEST = 2_147_483;
/** The maximum number of ports in one multiport match; a range counts as two. */
const MOST_PORTS = 15;
const LOCK = '/run/riposte-ipset.lock';
/**
 * Seconds to wait for the lock: hundreds of processes may be waiting. A waiting process takes over the lock of an
 * ended process at once.
 */
const LONGEST_WAIT = 300;
/** Each process adds its own element, so no process can do the work of another. */
const NEVER = () => false;

/**
 * ipset and iptables, for hosts without `nft`: one hash:net set for each family, with timeouts, and one chain that
 * looks them up. Dropping uses raw PREROUTING: before conntrack, and for forwarded traffic too. Rejecting uses INPUT
 * and FORWARD of the filter table: netfilter allows REJECT in no other suitable chain.
 */
export function ipset(policy: FirewallPolicy): Backend {
  return {
    name: 'ipset',
    // This unit restores iptables' rules.
    units: ['netfilter-persistent.service'],
    suits: ({ has }) => has('ipset') && has('iptables'),
    mayHold: isLoaded,
    upkeep,
    apply: (change, executor) => apply(change, policy, executor),
    applyAll(changes, executor) {
      runPlan([{ commands: [restoreSets(changes)] }], executor);
      // All addresses of a family share the same rules, so applying one block checks the rules, and declares them if
      // they are missing.
      for (const family of [4, 6] as const) {
        const one = changes.find(({ verb, address }) => verb === 'block' && address.family === family);
        if (one) apply(one, policy, executor);
      }
      return new Map();
    },
    list: (executor) => new Map(([4, 6] as const).flatMap((family) => inForce(family, executor))),
  };
}

/** The members of a family's set; none if no rule looks the set up, or if the chain neither drops nor rejects. */
function inForce(family: 4 | 6, executor: Executor): [string, InForce][] {
  const members = parseIpset(look(listing(family), executor));
  if (members.length === 0) return [];
  const isLookedUp = TABLES.some((table) => {
    const rules = look(iptables(family, table, '-S'), executor);
    const jump = jumpOf(family).join(' ');
    const jumps = HOOKS[table].every((hook) => rules.includes(`-A ${hook} ${jump}\n`));
    return jumps && new RegExp(`^-A ${CHAIN} .*(DROP|REJECT)`, 'm').test(rules);
  });
  return isLookedUp ? members : [];
}

/** Creates the sets and changes many members. With `-exist`, repeating a change is not an error. */
function restoreSets(changes: readonly Change[]): Command {
  const families = ([4, 6] as const).filter((family) =>
    changes.some(({ verb, address }) => verb === 'block' && address.family === family),
  );
  const lines = changes.map(({ verb, address: { family, text }, seconds }) =>
    verb === 'block'
      ? `add ${setOf(family)} ${text} timeout ${timeoutOf(seconds)}`
      : `del ${setOf(family)} ${text}`,
  );
  const creations = families.map((family) => createSet(family).join(' '));
  return { program: 'ipset', args: ['-exist', 'restore'], input: `${[...creations, ...lines].join('\n')}\n` };
}

const timeoutOf = (seconds = 0): string => String(Math.min(seconds, LONGEST));

const createSet = (family: 4 | 6): string[] => [
  ...['create', setOf(family), 'hash:net', 'family', family === 4 ? 'inet' : 'inet6'],
  ...['timeout', '0', 'counters', 'maxelem', '1048576'],
];

/**
 * Takes a lock to declare, because declaring deletes the jumps and inserts them again: without a lock, two simultaneous
 * processes would each leave a jump.
 */
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
 * The commands for one change. Each block also checks that chain and jumps exist, because a set that no rule looks up
 * blocks nothing. If one of these is missing, declares everything.
 *
 * @throws RiposteError (CONFIG) when a rule cannot hold so many ports
 */
export function planIpset({ verb, address, seconds }: Change, policy: FirewallPolicy): Plan {
  const { family } = address;
  const set = setOf(family);
  if (verb === 'unblock') {
    const args = ['-exist', 'del', set, address.text];
    return [{ commands: [{ program: 'ipset', args, tolerate: /does not exist/ }] }];
  }
  const { table, rules } = layout(policy, family);
  const add: Command = {
    program: 'ipset',
    args: ['-exist', 'add', set, address.text, 'timeout', timeoutOf(seconds)],
  };
  const jumps = HOOKS[table].map((hook) => [hook, ...jumpOf(family)]);
  const checks = [
    ...jumps.map((jump) => iptables(family, table, '-C', ...jump)),
    ...rules.map((rule) => iptables(family, table, '-C', CHAIN, ...rule)),
  ];
  const declare = [
    { program: 'ipset', args: ['-exist', ...createSet(family)] },
    add,
    // Deletes the jumps of an earlier policy: at most one of each exists.
    ...deleteJumps(family).map(orNothing),
    // Empties an earlier policy's chain in the other table: it must not block addresses that we do not list.
    orNothing(iptables(family, table === 'raw' ? 'filter' : 'raw', '-F', CHAIN)),
    restore(family, table, rules),
    ...jumps.map((jump) => iptables(family, table, '-I', ...jump)),
  ];
  return [{ commands: [add, ...checks], nextIf: /./ }, { commands: declare }];
}

/** Tolerates any failure: the object may not exist. */
const orNothing = (command: Command): Command => ({ ...command, tolerate: /./ });

function layout({ action, ports }: FirewallPolicy, family: 4 | 6): { table: Table; rules: string[][] } {
  if (ports.reduce((sum, port) => sum + (port.includes('-') ? 2 : 1), 0) > MOST_PORTS) {
    throw new RiposteError(
      EX.CONFIG,
      `FIREWALL_PORTS: iptables takes at most ${MOST_PORTS} ports in a rule; list fewer, or merge them into ranges`,
    );
  }
  const answer = family === 4 ? 'icmp-host-unreachable' : 'icmp6-addr-unreachable';
  const target = action === 'drop' ? ['-j', 'DROP'] : ['-j', 'REJECT', '--reject-with', answer];
  const list = ports.map((port) => port.replace('-', ':')).join(',');
  const rules =
    list === ''
      ? [target]
      : ['tcp', 'udp'].map((l4) => ['-p', l4, '-m', 'multiport', '--dports', list, ...target]);
  return { table: action === 'drop' ? 'raw' : 'filter', rules };
}

/** `:CHAIN - [0:0]` creates or empties the chain, in the same commit as its new rules. */
function restore(family: 4 | 6, table: Table, rules: string[][]): Command {
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
