import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EX, RiposteError } from '../base/errors.ts';
import type { Io } from '../base/io.ts';
import { apply, attempt, hasLiveSystemd, manifestFile, undone } from './carry-out.ts';
import { Changes } from './changes.ts';
import { backupOf, type ConfFile, candidateOf, demandUnchanged, likeConf } from './conf-file.ts';
import { checksOf, demandSound, type Verdict, verdictOn } from './configuration-check.ts';
import { describeStep, unifiedDiff } from './describe.ts';
import { missingDirectories } from './file-plan.ts';
import {
  concernsManager,
  type InstallOptions,
  type InstallPlan,
  installPlan,
  isComplete,
  isConfChanged,
} from './install-plan.ts';
import type { ManagedTarget } from './install-target.ts';
import { AGENTS_WAIT, describeManager, waitsForAgents } from './manager/manager.ts';
import { manifestFileOf, union } from './manifest.ts';
import { precompile } from './precompile.ts';
import { restartCommand, unitsStart } from './restart.ts';
import { runRestart } from './run-restart.ts';
import { removeStaleTempFiles } from './stale-temp-files.ts';

/**
 * Installs Riposte, or updates an installation to this version; changes nothing when all is up to date.
 *
 * @returns true when the manager has something new to read, or when riposte serve must be started
 * @throws RiposteError after reverting all changes
 */
export function install(target: ManagedTarget, options: InstallOptions, io: Io): boolean {
  io.out(describeTarget(target));
  const plan = installPlan(target, options, io);
  const { remarks, steps, obsolete, conf } = plan;
  for (const remark of remarks) io.out(remark);
  if (isComplete(target, plan))
    io.out(`nothing to do: the installation in ${target.home.root} is up to date`);
  else if (options.dryRun) rehearse(target, plan, io);
  else {
    carryOutPlan(target, plan);
    for (const step of [...steps, ...obsolete]) io.out(describeStep(step, target.inside, true));
    if (isConfChanged(plan)) io.out(`changed ${conf?.path}; the old one is ${backupOf(target)}`);
    if (hasLiveSystemd(target)) for (const program of unitsStart(target)) attempt(program, io);
  }
  // On another root, another Node may run the scripts.
  const compiled = options.dryRun || target.root !== '/' ? [] : precompile(target.home);
  if (compiled.length > 0) io.out(`compiled for Node ${process.versions.node}: ${compiled.join(', ')}`);
  return concernsManager(plan) || target.manager.kind === 'none' || options.restart;
}

/** The first line that an install prints: it shows which manager was found. */
function describeTarget({ manager, inside }: ManagedTarget): string {
  if (manager.kind === 'none')
    return `no manager: riposte serve will read the logs, from ${inside(manager.home)}`;
  return `found ${describeManager(manager, inside(manager.home))}`;
}

function carryOutPlan(target: ManagedTarget, plan: InstallPlan): void {
  const { conf, before, after, steps, obsolete, directories } = plan;
  removeStaleTempFiles(target, plan.leftovers);
  const verdict =
    conf && concernsManager(plan) ? verdictOn(target.manager, target, conf.path, conf.path) : undefined;
  const changes = new Changes();
  try {
    for (const directory of missingDirectories([manifestFileOf(target.home)]))
      changes.makeDirectory(directory);
    // Written before the files that it names, so that a later run can remove the files of a killed run.
    changes.put(manifestFile(target, union(before, after)));
    // Some of these directories may have been made for the manifest already.
    for (const directory of directories) if (!existsSync(directory)) changes.makeDirectory(directory);
    for (const step of steps) apply(step, changes);
    if (conf && verdict) checkNew(target, conf, conf.wanted, verdict, changes);
    if (conf && isConfChanged(plan)) {
      changes.put(likeConf(conf, backupOf(target), conf.text));
      demandUnchanged(conf);
      changes.put(likeConf(conf, conf.path, conf.wanted));
    }
    for (const step of obsolete) apply(step, changes);
    changes.put(manifestFile(target, after));
  } catch (error) {
    throw undone(changes, error);
  }
  changes.commit();
}

/**
 * Lets the manager's programs check the new ossec.conf before it replaces the old one. Programs that refused the old
 * file may still accept the new one, because the installation has restored Riposte's missing files.
 */
export function checkNew(
  target: ManagedTarget,
  conf: ConfFile,
  text: string,
  before: Verdict,
  changes: Changes,
): void {
  const candidate = candidateOf(target);
  changes.put(likeConf(conf, candidate, text));
  const verdict = verdictOn(target.manager, target, candidate, conf.path);
  if (before.refusal === undefined) demandSound(verdict, before, target.home.ossecConf);
  else if (verdict.refusal !== undefined)
    throw new RiposteError(
      EX.CONFIG,
      `the manager refuses ${target.home.ossecConf} even without Riposte's change; correct that file first: ${before.refusal}`,
    );
  changes.remove(candidate);
}

function rehearse(target: ManagedTarget, plan: InstallPlan, io: Io): void {
  const { inside, home, manager } = target;
  for (const path of plan.leftovers) io.out(`would remove ${inside(path)}, left by a killed run`);
  for (const directory of plan.directories) io.out(`would make the directory ${inside(directory)}`);
  for (const step of plan.steps) io.out(describeStep(step, inside, false));
  if (concernsManager(plan)) {
    const checks = checksOf(manager, candidateOf(target));
    for (const check of checks) io.out(`would have the new ossec.conf checked: ${check.join(' ')}`);
    if (checks.length === 0) io.out('would not have ossec.conf checked: the manager has no program for it');
  }
  if (plan.conf && isConfChanged(plan)) {
    io.out(`would keep ${home.ossecConf} as ${backupOf(target)}, and change it:`);
    for (const line of unifiedDiff(home.ossecConf, plan.conf.text, plan.conf.wanted)) io.out(line);
  }
  for (const step of plan.obsolete) io.out(describeStep(step, inside, false));
  io.out(`would record the installation in ${join('/', inside(manifestFileOf(home)))}`);
  if (hasLiveSystemd(target))
    for (const program of unitsStart(target)) io.out(`would run: ${program.join(' ')}`);
}

/**
 * Restarts the manager, or prints the command that restarts it. Until then the manager runs with the old configuration.
 *
 * @throws RiposteError as `runRestart` does
 */
export async function restart(
  target: ManagedTarget,
  { dryRun, restart: isWanted }: Pick<InstallOptions, 'dryRun' | 'restart'>,
  io: Io,
): Promise<void> {
  const command = restartCommand(target);
  if (!isWanted && target.manager.kind === 'none')
    io.out(`check LOGS in ${target.inside(target.home.settings[0] ?? '')}, then run: ${command.join(' ')}`);
  else if (!isWanted) io.out(`to make the manager read the changes: ${command.join(' ')}`);
  else if (dryRun) io.out(`would run: ${command.join(' ')}`);
  else {
    await runRestart(command, target.root, io);
    io.out(`restarted: ${command.join(' ')}`);
    if (waitsForAgents(target.manager)) io.out(AGENTS_WAIT);
  }
}
