import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isHost } from '../../base/address.ts';
import type { Command, Executor } from '../../base/execute.ts';
import { applyMany } from './apply-many.ts';
import { type Backend, type Change, type Failures, type Plan, runPlan } from './backend.ts';
import type { FirewallPolicy } from './firewall-policy.ts';
import {
  EGRESS,
  firewallCmd,
  GONE,
  isUp,
  listFirewalld,
  POLICIES,
  policyFile,
  rulesNow,
  UNDECLARED,
  underLock,
} from './firewalld-objects.ts';
import { prefixesIn, prefixSource, richRules } from './firewalld-rules.ts';
import { upkeep } from './firewalld-upkeep.ts';

/**
 * firewall-cmd's messages when an object exists already. If an entry or a rule exists already, firewall-cmd prints one
 * of these messages and exits with 0.
 */
const ALREADY = /ALREADY_ENABLED|ALREADY_SET|NAME_CONFLICT/;
/** Before the zones' own rules, after firewalld's own policy that accepts IPv6 neighbour discovery (-15000). */
const PRIORITY = -10_000;

/** The number of entries for one run of firewall-cmd. */
const AT_ONCE = 500;

/**
 * firewalld 0.9 or newer. Addresses are entries of its ipsets `riposte4` and `riposte6`. A prefix is a rich rule,
 * because firewalld's ipsets refuse overlapping entries. The rules are in two policies of our own, so they apply in
 * every zone. Only the empty sets and policies are permanent. The very first block creates them and reloads firewalld.
 * The reload also flushes other programs' iptables rules (FlushAllOnReload). A later reload empties sets and policies;
 * a sweep fills them again.
 *
 * Limits of firewalld: its ipsets with a timeout take no entries, so only the ledger ends a block that the manager
 * forgets; it accepts established connections, and those to a container's published port (DNAT), before any policy or
 * zone; it does not notice when another program flushes its table.
 */
export function firewalld(policy: FirewallPolicy): Backend {
  const single: Backend = {
    name: 'firewalld',
    isHostWide: true,
    units: ['firewalld.service'],
    suits: ({ root, has }) => has('firewall-cmd') && isUp(root),
    // Our first block creates this file. Without this file nothing is blocked, so do not run firewall-cmd, which takes
    // half a second.
    mayHold: ({ root, has }) =>
      existsSync(join(root, policyFile('riposte-host'))) && has('firewall-cmd') && isUp(root),
    upkeep,
    apply: (change, executor) => apply(change, policy, executor),
    list: listFirewalld,
  };
  return { ...single, applyAll: (changes, executor) => applyAll(single, changes, executor) };
}

/**
 * Puts many entries into a few runs of firewall-cmd. firewall-cmd reports little about failing entries, so this
 * function lists the sets afterwards and retries each missing change alone. It does not use firewall-cmd's option to
 * read entries from a file: firewall-cmd then reads the set and writes it back whole, and would lose entries that other
 * processes add meanwhile.
 */
function applyAll(single: Backend, changes: readonly Change[], executor: Executor): Failures {
  const hosts = changes.filter(({ address }) => isHost(address));
  // The first block is made alone, because it declares sets and rules if they are missing.
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

/** Needs no lock for a single entry: firewalld handles simultaneous additions and removals of entries. */
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
  // Plan again under the lock: another process may have declared everything meanwhile, and a reload would do harm.
  underLock(() => runPlan(plan(), executor));
}

/**
 * The commands for one change.
 *
 * @param rules the rich rules in force, as firewalld spells them; undefined when our policy does not exist
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

/** Declares our sets and policies, even if some of them exist. After the reload they are in force, and empty. */
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
