import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { EX, RiposteError } from '../../base/errors.ts';
import { commandError, type Executor } from '../../base/execute.ts';
import { fileError, readIfThere } from '../../base/files.ts';
import {
  firewallCmd,
  listFirewalld,
  POLICIES,
  parseLines,
  policyFile,
  SETS,
  setFile,
  underLock,
} from './firewalld-objects.ts';
import { setSource } from './firewalld-rules.ts';
import type { DismantleContext, Upkeep } from './upkeep.ts';

export const upkeep: Upkeep = { rehearse, dismantle };

/** Our objects in firewalld; policies first, because they look up the sets. */
const OBJECTS = [
  ...POLICIES.map((name) => ({ kind: 'policy', name, file: policyFile(name) })),
  ...SETS.map((name) => ({ kind: 'ipset', name, file: setFile(name) })),
];

/** firewall-cmd's messages when an object does not exist. */
const UNKNOWN = /INVALID_POLICY|INVALID_IPSET|NOT_ENABLED/;

/** Prints which files would be removed. */
function rehearse(context: DismantleContext): void {
  const files = filesIn(context.root);
  if (files.length === 0 || isKeptForAnother(context)) return;
  for (const file of files) context.say(`would remove ${context.inside(file)}`);
}

/**
 * Removes our permanent policies and sets, and our rules in force. Does not reload firewalld, because a reload would
 * lose other people's temporary settings. Our empty policies and sets stay in force until firewalld reloads for another
 * reason. If firewalld does not run, only its files exist.
 *
 * If the removal fails, this function only warns.
 *
 * @throws RiposteError (UNAVAILABLE) when an administrator has made blocks permanent in the remaining objects
 */
function dismantle(context: DismantleContext): void {
  const { root, executor, say, inside } = context;
  const files = filesIn(root);
  if (files.length === 0 || isKeptForAnother(context)) return;
  let [runs, blocked] = [false, 0];
  try {
    runs = root === '/' && isAnswering(context);
    const work = () => {
      blocked = listFirewalld(executor).size;
      if (blocked === 0) removeFrom(executor);
    };
    if (runs) underLock(work);
    if (blocked === 0) for (const file of filesIn(root)) remove(file);
  } catch (error) {
    if (!(error instanceof RiposteError)) throw error;
    reportRest(context, error);
    return;
  }
  if (blocked > 0) {
    const why = `they still hold blocks (${blocked}) that are not in the ledger of ${context.home}`;
    say(`${STAYS}: ${why}; to remove them: ${remedy(context)}`);
    return;
  }
  for (const file of files) say(`removed ${inside(file)}`);
  if (runs) say('firewalld removes its empty policies and sets riposte… at its next reload');
}

/** Our existing files in firewalld's directories, with the backup copies that firewalld makes. */
const filesIn = (root: string): string[] =>
  OBJECTS.flatMap(({ file }) => [file, `${file}.old`])
    .map((file) => join(root, file))
    .filter((path) => existsSync(path));

const STAYS = "firewalld's policies and sets riposte… stay";

/** Another installation would have to reload firewalld to set everything up again. */
function isKeptForAnother({ otherHome, inside, say }: DismantleContext): boolean {
  const other = otherHome();
  if (other === undefined) return false;
  say(`${STAYS}: Riposte is also in ${inside(other)}`);
  return true;
}

function isAnswering({ has, executor }: DismantleContext): boolean {
  if (!has('firewall-cmd')) return false;
  const { ok, message } = executor.look(firewallCmd(['--state'], UNKNOWN));
  return ok || !/not running/i.test(message);
}

/** @throws RiposteError when firewalld refuses */
function removeFrom(executor: Executor): void {
  for (const { kind, name } of OBJECTS) demand(['--permanent', `--delete-${kind}=${name}`], executor);
  for (const name of POLICIES) {
    const rules = parseLines(demand([`--policy=${name}`, '--list-rich-rules'], executor));
    const ours = rules.filter((rule) => ([4, 6] as const).some((family) => rule.includes(setSource(family))));
    const options = ours.map((rule) => `--remove-rich-rule=${rule}`);
    if (ours.length > 0) demand([`--policy=${name}`, ...options], executor);
  }
}

/** @returns the output; empty when it fails because the object does not exist @throws RiposteError */
function demand(args: string[], executor: Executor): string {
  const command = firewallCmd(args, UNKNOWN);
  const result = executor.run(command);
  if (!result.ok) throw commandError(command, result);
  return result.stdout;
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    throw fileError('remove', path, error);
  }
}

/** @throws RiposteError when the remaining objects would block an address once firewalld starts or reloads */
function reportRest(context: DismantleContext, { message }: RiposteError): void {
  const text = `${STAYS}: ${message}; to remove them: ${remedy(context)}`;
  const xml = filesIn(context.root).filter((file) => file.endsWith('.xml'));
  if (xml.some((file) => /<entry>|<rule\b/.test(readIfThere(file) ?? '')))
    throw new RiposteError(EX.UNAVAILABLE, `another user has made blocks permanent, and ${text}`);
  context.warn(text);
}

function remedy({ root, inside }: DismantleContext): string {
  const files = filesIn(root).map(inside);
  return `${files.length > 0 ? `rm ${files.join(' ')}; ` : ''}firewall-cmd --reload`;
}
