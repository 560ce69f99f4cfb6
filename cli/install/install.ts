import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EX, type ExitCode, RiposteError } from '../../active-response/errors.ts';
import type { Io } from '../verb.ts';
import { apply, attempt, hasLiveSystemd, manifestFile, undone } from './carry-out.ts';
import { Changes } from './changes.ts';
import { backupOf, type ConfFile, candidateOf, demandUnchanged, likeConf } from './conf-file.ts';
import { checksOf, demandSound, type Verdict, verdictOn } from './configuration-check.ts';
import { describeStep, unifiedDiff } from './describe.ts';
import { concernsManager, type Draft, draftOf, isComplete, isConfChanged, type Wishes } from './draft.ts';
import { removeLeftovers } from './leftovers.ts';
import { manifestFileOf, union } from './manifest.ts';
import { missingDirectories } from './plan.ts';
import { restartCommand, runProgram, unitsStart } from './restart.ts';
import type { ManagedSite } from './site.ts';

/**
 * Installs Riposte, or brings an installation to this version; nothing is touched where all is so already.
 *
 * @throws RiposteError after which everything is as it was before
 */
export function install(site: ManagedSite, wishes: Wishes, io: Io): ExitCode {
  const draft = draftOf(site, wishes, io);
  const { remarks, steps, obsolete, conf } = draft;
  for (const remark of remarks) io.out(remark);
  if (isComplete(site, draft)) io.out(`nothing to do: all is in place in ${site.home.root}`);
  else if (wishes.dryRun) rehearse(site, draft, io);
  else {
    carryOut(site, draft);
    for (const step of [...steps, ...obsolete]) io.out(describeStep(step, site.inside, true));
    if (isConfChanged(draft)) io.out(`changed ${conf?.path}; as it was: ${backupOf(site)}`);
    if (hasLiveSystemd(site)) for (const program of unitsStart(site)) attempt(program, io);
  }
  if (concernsManager(draft) || site.manager.kind === 'none' || wishes.restart) restart(site, wishes, io);
  return EX.OK;
}

function carryOut(site: ManagedSite, draft: Draft): void {
  const { conf, before, after, steps, obsolete, directories } = draft;
  removeLeftovers(site, draft.leftovers);
  const verdict = conf && concernsManager(draft) ? soundBefore(site, conf) : undefined;
  const changes = new Changes();
  try {
    for (const directory of missingDirectories([manifestFileOf(site.home)])) changes.makeDirectory(directory);
    // Before all that it tells of, so that whatever a killed run has made can be taken out.
    changes.put(manifestFile(site, union(before, after)));
    // Some of them are the manifest's as well.
    for (const directory of directories) if (!existsSync(directory)) changes.makeDirectory(directory);
    for (const step of steps) apply(step, changes);
    if (conf && verdict) checkNew(site, conf, conf.wanted, verdict, changes);
    if (conf && isConfChanged(draft)) {
      changes.put(likeConf(conf, backupOf(site), conf.text));
      demandUnchanged(conf);
      changes.put(likeConf(conf, conf.path, conf.wanted));
    }
    for (const step of obsolete) apply(step, changes);
    changes.put(manifestFile(site, after));
  } catch (error) {
    throw undone(changes, error);
  }
  changes.commit();
}

/** What the manager says of its configuration as it is. @throws RiposteError (CONFIG) when it is broken already */
function soundBefore(site: ManagedSite, { path }: ConfFile): Verdict {
  const verdict = verdictOn(site.manager, site, path, path);
  if (verdict.refusal === undefined) return verdict;
  throw new RiposteError(
    EX.CONFIG,
    `${site.home.ossecConf} is broken already, mend it first: ${verdict.refusal}; nothing was changed`,
  );
}

/** Has the manager's programs read an ossec.conf before it takes the old one's place. */
export function checkNew(
  site: ManagedSite,
  conf: ConfFile,
  text: string,
  before: Verdict,
  changes: Changes,
): void {
  const candidate = candidateOf(site);
  changes.put(likeConf(conf, candidate, text));
  demandSound(verdictOn(site.manager, site, candidate, conf.path), before, site.home.ossecConf);
  changes.remove(candidate);
}

function rehearse(site: ManagedSite, draft: Draft, io: Io): void {
  const { inside, home, manager } = site;
  for (const path of draft.leftovers) io.out(`would remove ${inside(path)}, which a killed run has left`);
  for (const directory of draft.directories) io.out(`would make the directory ${inside(directory)}`);
  for (const step of draft.steps) io.out(describeStep(step, inside, false));
  if (concernsManager(draft)) {
    const checks = checksOf(manager, candidateOf(site));
    for (const check of checks) io.out(`would have the new ossec.conf checked: ${check.join(' ')}`);
    if (checks.length === 0) io.out('would not have ossec.conf checked: the manager has no program for it');
  }
  if (draft.conf && isConfChanged(draft)) {
    io.out(`would keep ${home.ossecConf} as ${backupOf(site)}, and change it:`);
    for (const line of unifiedDiff(home.ossecConf, draft.conf.text, draft.conf.wanted)) io.out(line);
  }
  for (const step of draft.obsolete) io.out(describeStep(step, inside, false));
  io.out(`would note all this in ${join('/', inside(manifestFileOf(home)))}`);
  if (hasLiveSystemd(site)) for (const program of unitsStart(site)) io.out(`would run: ${program.join(' ')}`);
}

/** Restarts the manager, or says how: until then it goes on with what it has read. */
export function restart(
  site: ManagedSite,
  { dryRun, restart: isWanted }: Pick<Wishes, 'dryRun' | 'restart'>,
  io: Io,
): void {
  const command = restartCommand(site);
  if (!isWanted && site.manager.kind === 'none')
    io.out(`look at LOGS in ${site.inside(site.home.settings[0] ?? '')}, then: ${command.join(' ')}`);
  else if (!isWanted) io.out(`for the manager to read it: ${command.join(' ')}`);
  else if (dryRun) io.out(`would run: ${command.join(' ')}`);
  else {
    runProgram(command, site.root);
    io.out(`restarted: ${command.join(' ')}`);
  }
}
