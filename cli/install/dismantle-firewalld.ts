import { existsSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, commandError, type Executor } from '../../active-response/backend/execute.ts';
import { lookForProgram } from '../../active-response/backend/find-program.ts';
import {
  firewalld,
  POLICIES,
  parseLines,
  policyFile,
  SETS,
  setFile,
  underLock,
} from '../../active-response/backend/firewalld.ts';
import { setSource } from '../../active-response/backend/firewalld-rules.ts';
import { EX, RiposteError } from '../../active-response/errors.ts';
import { fileError, readIfThere } from '../../active-response/files.ts';
import { homeAt } from '../../active-response/home.ts';
import type { Io } from '../verb.ts';
import { NOTHING, readManifest, tells } from './manifest.ts';
import { homesWithManifest, type Site } from './site.ts';

/** What is ours in firewalld, policies first: they look up the sets. */
const OBJECTS = [
  ...POLICIES.map((name) => ({ kind: 'policy', name, file: policyFile(name) })),
  ...SETS.map((name) => ({ kind: 'ipset', name, file: setFile(name) })),
];

/** What firewall-cmd says when there is no such thing. */
const UNKNOWN = /INVALID_POLICY|INVALID_IPSET|NOT_ENABLED/;

/**
 * Takes out the policies and sets that firewalld has of ours for good. Without a reload, which would lose what
 * others have set for the time being only: the rules go at once, and what is in force is then empty until firewalld
 * reloads for another reason. Where it does not run, its files are all there is.
 *
 * What cannot be done is a warning.
 *
 * @throws RiposteError (UNAVAILABLE) when what is left holds blocks, made permanent by somebody
 */
export function dismantleFirewalld(site: Site, executor: Executor, io: Io): void {
  const there = filesAt(site);
  if (there.length === 0 || isKeptForAnother(site, io)) return;
  let [runs, blocked] = [false, 0];
  try {
    runs = site.root === '/' && firewalldRuns(executor, io);
    const work = () => {
      blocked = firewalld({ action: 'drop', ports: [] }).list(executor).size;
      if (blocked === 0) removeFrom(executor);
    };
    if (runs) underLock(work);
    if (blocked === 0) for (const path of filesAt(site)) remove(path);
  } catch (error) {
    if (!(error instanceof RiposteError)) throw error;
    tellOfRest(site, error, io);
    return;
  }
  if (blocked > 0) {
    const why = `${blocked} are blocked there that the ledger of ${site.home.root} does not hold`;
    io.out(`${STAYS}: ${why}; to remove them: ${remedyFor(site)}`);
    return;
  }
  for (const path of there) io.out(`removed ${site.inside(path)}`);
  if (runs) io.out('firewalld lets go of its empty policies and sets riposte… when it reloads next');
}

/** Says what would go, where that does not depend on who is blocked then. */
export function rehearseFirewalld(site: Site, io: Io): void {
  const there = filesAt(site);
  if (there.length === 0 || isKeptForAnother(site, io)) return;
  for (const path of there) io.out(`would remove ${site.inside(path)}`);
}

/** Our files of firewalld's that are there, with the copies that it keeps of what it changes or removes. */
const filesAt = ({ root }: Site): string[] =>
  OBJECTS.flatMap(({ file }) => [file, `${file}.old`])
    .map((file) => join(root, file))
    .filter((path) => existsSync(path));

const STAYS = "firewalld's policies and sets riposte… stay";

/** To set all up again, another installation would have to reload firewalld. */
function isKeptForAnother({ home, root, inside }: Site, io: Io): boolean {
  const other = homesWithManifest(root).find(
    (each) => realpathSync(each.home) !== home.root && isInUse(each.home),
  );
  if (other === undefined) return false;
  io.out(`${STAYS}: Riposte is also in ${inside(other.home)}`);
  return true;
}

function isInUse(home: string): boolean {
  try {
    return tells(readManifest(homeAt(home)) ?? NOTHING);
  } catch {
    return true; // a damaged one tells nothing else
  }
}

function firewalldRuns(executor: Executor, { env }: Io): boolean {
  if (lookForProgram('firewall-cmd', env.PATH) === undefined) return false;
  const { ok, message } = executor.look(firewallCmd(['--state']));
  return ok || !/not running/i.test(message);
}

/** @throws RiposteError when firewalld refuses */
function removeFrom(executor: Executor): void {
  for (const { kind, name } of OBJECTS)
    demand(firewallCmd(['--permanent', `--delete-${kind}=${name}`]), executor);
  for (const name of POLICIES) {
    const rules = parseLines(demand(firewallCmd([`--policy=${name}`, '--list-rich-rules']), executor));
    const ours = rules.filter((rule) => ([4, 6] as const).some((family) => rule.includes(setSource(family))));
    const options = ours.map((rule) => `--remove-rich-rule=${rule}`);
    if (ours.length > 0) demand(firewallCmd([`--policy=${name}`, ...options]), executor);
  }
}

/** @returns what it prints; nothing when it fails because there is no such thing @throws RiposteError */
function demand(command: Command, executor: Executor): string {
  const result = executor.run(command);
  if (!result.ok) throw commandError(command, result);
  return result.stdout;
}

const firewallCmd = (args: string[]): Command => ({ program: 'firewall-cmd', args, tolerate: UNKNOWN });

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    throw fileError('remove', path, error);
  }
}

/** @throws RiposteError when firewalld would block somebody by it when it starts or reloads */
function tellOfRest(site: Site, { message }: RiposteError, io: Io): void {
  const text = `${STAYS}: ${message}; to remove them: ${remedyFor(site)}`;
  const read = filesAt(site).filter((path) => path.endsWith('.xml'));
  if (read.some((path) => /<entry>|<rule\b/.test(readIfThere(path) ?? '')))
    throw new RiposteError(EX.UNAVAILABLE, `somebody has made blocks permanent, and ${text}`);
  io.err(`riposte: ${text}\n`);
}

function remedyFor(site: Site): string {
  const files = filesAt(site).map((path) => site.inside(path));
  return `${files.length > 0 ? `rm ${files.join(' ')}; ` : ''}firewall-cmd --reload`;
}
