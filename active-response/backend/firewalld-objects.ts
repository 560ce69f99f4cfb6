import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonical } from '../../base/address.ts';
import { type Command, commandError, type Executor } from '../../base/execute.ts';
import { withLock } from '../../base/lock.ts';
import { look } from './backend.ts';
import { prefixesIn, setSource } from './firewalld-rules.ts';
import type { InForce } from './in-force.ts';

/**
 * The destination zone of each policy's packets. Riposte adds a rule to the last policy after all other policies. So a
 * rule in the last policy is in all policies, and Riposte reads only the last policy.
 */
export const EGRESS = { 'riposte-forward': 'ANY', 'riposte-host': 'HOST' };
export const POLICIES = Object.keys(EGRESS);
export const SETS = ['riposte4', 'riposte6'];

/** firewalld's files of our permanent objects, relative to the root. */
export const policyFile = (name: string): string => `etc/firewalld/policies/${name}.xml`;
export const setFile = (name: string): string => `etc/firewalld/ipsets/${name}.xml`;

/** firewall-cmd's message when one of our sets or policies does not exist. */
export const UNDECLARED = /INVALID_IPSET|INVALID_POLICY/;
/**
 * firewall-cmd's messages when there is nothing to remove. It prints the last one if another program has flushed
 * firewalld's table.
 */
export const GONE = /INVALID_IPSET|NOT_ENABLED|COMMAND_FAILED.*No such file or directory/;

export function firewallCmd(args: string[], tolerate?: RegExp): Command {
  return { program: 'firewall-cmd', args, tolerate };
}

/** The addresses and prefixes in force. A set that none of our rules names blocks nothing. */
export function listFirewalld(executor: Executor): Map<string, InForce> {
  const rules = rulesNow(executor) ?? [];
  const families = ([4, 6] as const).filter((family) =>
    rules.some((rule) => rule.includes(setSource(family))),
  );
  const entries = families.flatMap((family) => parseLines(look(listing(family), executor)));
  return new Map([...entries, ...prefixesIn(rules)].map((each): [string, InForce] => [canonical(each), {}]));
}

/** The rich rules in force; undefined when our policy does not exist. */
export function rulesNow(executor: Executor): string[] | undefined {
  const command = firewallCmd(['--policy=riposte-host', '--list-rich-rules']);
  const result = executor.look(command);
  if (result.ok) return parseLines(result.stdout);
  if (UNDECLARED.test(result.message)) return undefined;
  throw commandError(command, result);
}

/** The lines of a listing: rules or entries. */
export const parseLines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

const listing = (family: 4 | 6) => firewallCmd([`--ipset=riposte${family}`, '--get-entries'], GONE);

/**
 * firewall-cmd reads a policy and writes it back whole, so without a lock one of two simultaneous changes would be
 * lost.
 */
const LOCK = '/run/riposte-firewalld.lock';
/**
 * Seconds to wait for the lock: the very first block runs firewall-cmd fifteen times, and each run may take
 * COMMAND_TIMEOUT. A waiting process takes over the lock of an ended process at once.
 */
const LONGEST_WAIT = 300;

/** Reads and changes policies while no other process does. @throws RiposteError (TEMPFAIL) */
export const underLock = (work: () => void): void => withLock(LOCK, LONGEST_WAIT, () => false, work);

/** The paths of systemd's control groups, in cgroup v2 and v1. */
const GROUPS = ['sys/fs/cgroup', 'sys/fs/cgroup/systemd'];

/** True if firewalld runs. As a systemd unit it writes no pid file (--nopid), but has a control group. */
export const isUp = (root: string): boolean =>
  isRunning(join(root, 'run/firewalld.pid')) ||
  GROUPS.some((groups) => existsSync(join(root, groups, 'system.slice/firewalld.service')));

function isRunning(pidFile: string): boolean {
  if (!existsSync(pidFile)) return false;
  try {
    process.kill(Number(readFileSync(pidFile, 'utf8')), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
