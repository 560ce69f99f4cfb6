import { canonical, isHost } from '../address.ts';
import { withLock } from '../lock.ts';
import { applyMany } from './apply-many.ts';
import {
  type Backend,
  type Change,
  type Failures,
  type InForce,
  look,
  type Plan,
  runPlan,
} from './backend.ts';
import { type Command, commandError, type Executor } from './execute.ts';
import type { FirewallPolicy } from './firewall-policy.ts';
import { prefixesIn, prefixSource, richRules, setSource } from './firewalld-rules.ts';

/** What firewall-cmd says of what is there already; of entries and rules it says so and succeeds. */
const ALREADY = /ALREADY_ENABLED|ALREADY_SET|NAME_CONFLICT/;
/** What it says when a set or a policy of ours is not there. */
const UNDECLARED = /INVALID_IPSET|INVALID_POLICY/;
/** What it says when there is nothing to remove; the last of somebody having flushed its table. */
const GONE = /INVALID_IPSET|NOT_ENABLED|COMMAND_FAILED.*No such file or directory/;

/** Where the packets that our policies see are going. Rules go into the last one last: it is the one we read. */
const EGRESS = { 'riposte-forward': 'ANY', 'riposte-host': 'HOST' };
export const POLICIES = Object.keys(EGRESS);
export const SETS = ['riposte4', 'riposte6'];

/** Where firewalld keeps what is permanent of them, below the root. */
export const policyFile = (name: string): string => `etc/firewalld/policies/${name}.xml`;
export const setFile = (name: string): string => `etc/firewalld/ipsets/${name}.xml`;

/** Before the zones' own rules, behind firewalld's own policy that answers IPv6 neighbours (-15000). */
const PRIORITY = -10_000;

/** firewall-cmd reads a policy and writes it back whole: of two at once one would be lost. */
const LOCK = '/run/riposte-firewalld.lock';
/**
 * How long to wait for the lock, in seconds: the first block of all runs firewall-cmd fifteen times, each of which may
 * take COMMAND_TIMEOUT. Of one that has ended it is taken over at once.
 */
const LONGEST_WAIT = 300;
/** So many entries go into one run of firewall-cmd. */
const AT_ONCE = 500;

/**
 * firewalld 0.9 or newer. Addresses are entries of its ipsets `riposte4` and `riposte6`; a prefix, which an
 * ipset of firewalld's refuses when it overlaps another entry, is a rich rule. The rules are in two policies
 * of our own, so they hold in every zone. Only the empty sets and policies are permanent: to make them, the
 * first block of all reloads firewalld, which also flushes what others have put into iptables
 * (FlushAllOnReload). A later reload empties sets and policies, and a sweep fills them again.
 *
 * What firewalld cannot do: it takes no entries into an ipset with a timeout, so the ledger alone ends a
 * block that the manager forgets; before any policy or zone it accepts established connections and those to
 * a published port of a container (DNAT); and it does not notice when somebody else flushes its table.
 */
export function firewalld(policy: FirewallPolicy): Backend {
  const single: Backend = {
    name: 'firewalld',
    apply: (change, executor) => apply(change, policy, executor),
    list: (executor) => {
      const rules = rulesNow(executor) ?? [];
      const families = ([4, 6] as const).filter((family) =>
        rules.some((rule) => rule.includes(setSource(family))),
      );
      const entries = families.flatMap((family) => parseLines(look(listing(family), executor)));
      return new Map(
        [...entries, ...prefixesIn(rules)].map((each): [string, InForce] => [canonical(each), {}]),
      );
    },
  };
  return { ...single, applyAll: (changes, executor) => applyAll(single, changes, executor) };
}

/**
 * Many entries in a few runs of firewall-cmd, which says little of those that fail: what is not as it should
 * be afterwards is tried by itself. Not by its option to read entries from a file: it puts the set there as it
 * was before, so that what others add meanwhile would be lost.
 */
function applyAll(single: Backend, changes: readonly Change[], executor: Executor): Failures {
  const hosts = changes.filter(({ address }) => isHost(address));
  // The first of all has set and rules declared, where they are missing.
  const first = hosts.find(({ verb }) => verb === 'block');
  const alone = changes.filter((change) => change === first || !isHost(change.address));
  const failures = applyMany(single, alone, executor);
  for (const family of [4, 6] as const) {
    for (const verb of ['block', 'unblock'] as const) {
      const some = hosts.filter(
        (each) => each !== first && each.verb === verb && each.address.family === family,
      );
      for (let at = 0; at < some.length; at += AT_ONCE) {
        const option = verb === 'block' ? '--add-entry' : '--remove-entry';
        const entries = some.slice(at, at + AT_ONCE).map(({ address }) => `${option}=${address.text}`);
        executor.run(firewallCmd([`--ipset=riposte${family}`, ...entries]));
      }
    }
  }
  if (executor.dryRun) return failures;
  const now = single.list(executor);
  const left = hosts.filter(
    ({ verb, address: { text } }) => !failures.has(text) && now.has(text) !== (verb === 'block'),
  );
  return new Map([...failures, ...applyMany(single, left, executor)]);
}

/** A lone entry needs no lock: firewalld adds and removes it by itself, whoever else does so at that time. */
function apply(change: Change, policy: FirewallPolicy, executor: Executor): void {
  const readsRules = change.verb === 'block' || !isHost(change.address);
  const plan = () => planFirewalld(change, policy, readsRules ? rulesNow(executor) : undefined);
  const first = plan();
  if (executor.dryRun || !readsRules) {
    runPlan(first, executor);
    return;
  }
  const [only, ...more] = first[0]?.commands ?? [];
  if (only === undefined || (more.length === 0 && executor.run(only).ok)) return;
  // Under the lock it looks again: whoever has waited may find everything declared, and must not reload.
  underLock(() => runPlan(plan(), executor));
}

/** Runs what looks at policies and changes them, when nobody else does. @throws RiposteError (TEMPFAIL) */
export const underLock = (work: () => void): void => withLock(LOCK, LONGEST_WAIT, () => false, work);

/**
 * The commands for one change.
 *
 * @param rules the rich rules in force, as firewalld writes them; undefined when our policy is not there
 */
export function planFirewalld(
  { verb, address }: Change,
  policy: FirewallPolicy,
  rules: readonly string[] | undefined,
): Plan {
  const set = `--ipset=riposte${address.family}`;
  const now = rules ?? [];
  if (verb === 'unblock') {
    if (isHost(address)) return [{ commands: [firewallCmd([set, `--remove-entry=${address.text}`], GONE)] }];
    const ended = now.filter((rule) => rule.includes(`${prefixSource(address.text)} `));
    return [{ commands: changeRules('remove', ended) }];
  }
  const entry = isHost(address) ? [firewallCmd([set, `--add-entry=${address.text}`], ALREADY)] : [];
  const prefixes = new Set([...prefixesIn(now), ...(isHost(address) ? [] : [address.text])]);
  const wanted = richRules(prefixes, policy);
  const outdated = now.filter((rule) => !wanted.includes(rule));
  const lacking = wanted.filter((rule) => !now.includes(rule));
  const amend = [...changeRules('remove', outdated), ...changeRules('add', lacking), ...entry];
  const declare = { commands: [...declaration(), ...changeRules('add', wanted), ...entry] };
  return rules === undefined ? [declare] : [{ commands: amend, nextIf: UNDECLARED }, declare];
}

/** The lines of a listing: rules or entries. */
export const parseLines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

/** The rich rules in force; undefined when our policy is not there. */
function rulesNow(executor: Executor): string[] | undefined {
  const command = firewallCmd(['--policy=riposte-host', '--list-rich-rules']);
  const result = executor.look(command);
  if (result.ok) return parseLines(result.stdout);
  if (UNDECLARED.test(result.message)) return undefined;
  throw commandError(command, result);
}

/** Our sets and policies, whatever of them is there. After the reload they are in force, and empty. */
function declaration(): Command[] {
  const permanent = (...args: string[]) => firewallCmd(['--permanent', ...args], ALREADY);
  const set = (name: string, family: string) =>
    permanent(
      `--new-ipset=${name}`,
      '--type=hash:ip',
      `--option=family=${family}`,
      '--option=maxelem=1048576',
    );
  return [
    set('riposte4', 'inet'),
    set('riposte6', 'inet6'),
    ...Object.entries(EGRESS).flatMap(([name, egress]) => [
      permanent(`--new-policy=${name}`),
      permanent(`--policy=${name}`, '--add-ingress-zone=ANY'),
      permanent(`--policy=${name}`, `--add-egress-zone=${egress}`),
      permanent(`--policy=${name}`, `--set-priority=${PRIORITY}`),
    ]),
    firewallCmd(['--reload']),
  ];
}

function changeRules(verb: 'add' | 'remove', rules: readonly string[]): Command[] {
  if (rules.length === 0) return [];
  const options = rules.map((rule) => `--${verb}-rich-rule=${rule}`);
  const tolerate = verb === 'add' ? ALREADY : GONE;
  return POLICIES.map((name) => firewallCmd([`--policy=${name}`, ...options], tolerate));
}

const listing = (family: 4 | 6) => firewallCmd([`--ipset=riposte${family}`, '--get-entries'], GONE);

function firewallCmd(args: string[], tolerate?: RegExp): Command {
  return { program: 'firewall-cmd', args, tolerate };
}
