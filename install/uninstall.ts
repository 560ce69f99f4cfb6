import { existsSync, rmdirSync } from 'node:fs';
import { counted } from '../base/counted.ts';
import { EX, RiposteError } from '../base/errors.ts';
import { fileError } from '../base/files.ts';
import type { Io } from '../base/io.ts';
import { removeTree } from '../base/remove-tree.ts';
import { apply, attempt, hasLiveSystemd, manifestFile, undone } from './carry-out.ts';
import { Changes } from './changes.ts';
import { backupOf, type ConfFile, demandUnchanged, likeConf } from './conf-file.ts';
import { verdictOn } from './configuration-check.ts';
import { describeStep, unifiedDiff } from './describe.ts';
import { dismantle, rehearseDismantling } from './dismantle.ts';
import { checkNew } from './install.ts';
import type { InstallTarget, ManagedTarget } from './install-target.ts';
import { countBlocks, liftBlocks, liftStrays } from './lift-blocks.ts';
import { managerAt } from './manager/manager.ts';
import { type Manifest, manifestFileOf, NOTHING, namesInstallation } from './manifest.ts';
import { hasKeptCommands } from './ossec-conf/riposte-in-conf.ts';
import type { Program } from './program.ts';
import { isConfChanged, type Removal, removalOf, type UninstallOptions } from './removal.ts';
import { runProgram } from './restart.ts';
import { removeStaleTempFiles } from './stale-temp-files.ts';
import { RESPOND_UNIT } from './units/respond-unit.ts';
import { UNIT } from './units/serve-unit.ts';
import { hasUnit, TIMER_FORGET, TIMER_START, timerStop } from './units/timer.ts';

/**
 * Unblocks all addresses and removes Riposte. Restores ossec.conf byte for byte.
 *
 * @returns the target when its manager has something new to read
 * @throws RiposteError when an address cannot be unblocked or a file cannot be removed; then all files stay
 */
export function uninstall(
  target: InstallTarget,
  options: UninstallOptions,
  io: Io,
): ManagedTarget | undefined {
  const removal = removalOf(target, options);
  const { remarks, steps, conf, leftovers, data } = removal;
  for (const remark of remarks) io.out(remark);
  const isInstalled = steps.length + leftovers.length > 0 || namesInstallation(removal.manifest);
  if (!isInstalled && !isConfChanged(conf) && data === undefined) {
    io.out(`nothing to do: Riposte is not in ${target.home.root}`);
    return undefined;
  }
  if (options.dryRun) rehearse(target, removal, io);
  else {
    removeStaleTempFiles(target, leftovers);
    // Checked before any address is unblocked, because an ossec.conf that needs our parts ends the removal.
    if (conf && isConfChanged(conf)) checkWithout(target, conf);
    const stopped = hasLiveSystemd(target) ? stopUnits(target, io) : [];
    try {
      const unblocked = unblockAllOrFail(target, io);
      carryOutRemoval(target, removal, unblocked, io);
    } catch (error) {
      for (const program of stopped) attempt(program, io);
      throw error;
    }
    for (const step of steps) io.out(describeStep(step, target.inside, true));
    if (conf && isConfChanged(conf))
      io.out(
        options.keepsCommands && hasKeptCommands(conf.wanted)
          ? `changed ${conf.path}: Riposte kept the commands that your own active responses use; these commands do nothing, because their scripts are gone`
          : `changed ${conf.path}: it is as it was without Riposte`,
      );
    if (data) io.out(`removed ${target.inside(data)}, with ledger and journal`);
    if (hasLiveSystemd(target)) for (const program of TIMER_FORGET) attempt(program, io);
  }
  const manager = managerOf(target);
  return isConfChanged(conf) || options.restart ? manager : undefined;
}

/** Stops Riposte's units. @returns the commands to start the units again, if the uninstall fails */
function stopUnits({ root }: InstallTarget, io: Io): Program[] {
  for (const program of timerStop(root)) attempt(program, io);
  const enabled = [UNIT, RESPOND_UNIT]
    .filter((unit) => hasUnit(root, unit))
    .filter((unit) => {
      const wasEnabled = isEnabled(unit);
      attempt(['systemctl', 'disable', '--now', unit], io);
      return wasEnabled;
    });
  return [...TIMER_START, ...enabled.map((unit): Program => ['systemctl', 'enable', '--now', unit])];
}

function isEnabled(unit: string): boolean {
  try {
    runProgram(['systemctl', 'is-enabled', '--quiet', unit]);
    return true;
  } catch {
    return false;
  }
}

/**
 * @returns the number of blocked addresses
 * @throws RiposteError when an address stays blocked: only Riposte could unblock it
 */
function unblockAllOrFail({ home, root }: InstallTarget, io: Io): number {
  const count = countBlocks(home);
  // Objects with our mark in this kernel do not belong to another host's file system.
  const failures = [...liftBlocks(home, io), ...(root === '/' ? liftStrays(home, io) : [])];
  if (failures.length > 0)
    throw new RiposteError(
      EX.UNAVAILABLE,
      `Riposte could not unblock all addresses, so it stays installed:\n  ${failures.join('\n  ')}`,
    );
  if (count > 0) io.out(`unblocked ${addresses(count)}`);
  return count;
}

function carryOutRemoval(
  target: InstallTarget,
  { manifest, steps, conf, data }: Removal,
  unblocked: number,
  io: Io,
): void {
  const changes = new Changes();
  try {
    if (conf && isConfChanged(conf)) {
      if (data === undefined) changes.put(likeConf(conf, backupOf(target), conf.text));
      demandUnchanged(conf);
      changes.put(likeConf(conf, conf.path, conf.wanted));
    }
    for (const step of steps) apply(step, changes);
  } catch (error) {
    throw undone(
      changes,
      error,
      unblocked > 0
        ? `riposte uninstall has already unblocked ${addresses(unblocked)}, and has changed no file`
        : undefined,
    );
  }
  changes.commit();
  unblockAllOrFail(target, io); // a script may have blocked addresses meanwhile
  dismantle(target, io);
  removeEmptyDirectories(target, manifest);
  // Removes the manifest last: until then it tells another run which files to remove.
  if (data === undefined) {
    if (existsSync(manifestFileOf(target.home))) forget(target, manifest);
    return;
  }
  removeData(data);
  removeEmptyDirectories(target, manifest);
}

function forget(target: InstallTarget, { once, directories }: Manifest): void {
  const changes = new Changes();
  changes.put(manifestFile(target, { ...NOTHING, once, directories }));
  changes.commit();
}

function removeData(directory: string): void {
  try {
    removeTree(directory);
  } catch (error) {
    throw fileError('remove', directory, error);
  }
}

/** Checks that the rest of ossec.conf does not need our parts. @throws RiposteError (CONFIG) */
function checkWithout(target: InstallTarget, conf: ConfFile & { readonly wanted: string }): void {
  const manager = managerOf(target);
  const before = manager && verdictOn(manager.manager, target, conf.path, conf.path);
  if (manager === undefined || before === undefined || before.refusal !== undefined) return;
  const changes = new Changes();
  try {
    checkNew(manager, conf, conf.wanted, before, changes);
  } catch (error) {
    throw undone(changes, error);
  }
  changes.commit();
}

function removeEmptyDirectories({ root }: InstallTarget, { directories }: Manifest): void {
  for (const directory of [...directories].sort().reverse()) {
    const path = root === '/' ? directory : root + directory;
    try {
      rmdirSync(path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Another program has put a file there, or removed the directory; or /usr/local is read-only.
      if (code === undefined || !['ENOTEMPTY', 'ENOENT', 'EROFS'].includes(code))
        throw fileError('remove', path, error);
    }
  }
}

function rehearse(target: InstallTarget, { steps, conf, leftovers, data }: Removal, io: Io): void {
  const { home, inside } = target;
  io.out(`would unblock ${addresses(countBlocks(home))}`);
  for (const path of leftovers) io.out(`would remove ${inside(path)}, left by a killed run`);
  if (conf && isConfChanged(conf)) {
    io.out(`would change ${conf.path}, if the manager's programs accept it:`);
    for (const line of unifiedDiff(conf.path, conf.text, conf.wanted)) io.out(line);
  }
  for (const step of steps) io.out(describeStep(step, inside, false));
  rehearseDismantling(target, io);
  if (data) io.out(`would remove ${inside(data)}, with ledger and journal`);
}

function managerOf(target: InstallTarget): ManagedTarget | undefined {
  const manager = managerAt(target.home.root, target.root);
  return manager && { ...target, manager };
}

const addresses = (count: number): string => counted(count, 'address', 'addresses');
