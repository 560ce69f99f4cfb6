import { existsSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { EX, type ExitCode, RiposteError } from '../../active-response/errors.ts';
import { fileError } from '../../active-response/files.ts';
import { managerAt } from '../manager/manager.ts';
import { RESPOND_UNIT } from '../resident/unit.ts';
import { UNIT } from '../serve/unit.ts';
import type { Io } from '../verb.ts';
import { apply, attempt, hasLiveSystemd, manifestFile, undone } from './carry-out.ts';
import { Changes } from './changes.ts';
import { backupOf, type ConfFile, demandUnchanged, likeConf } from './conf-file.ts';
import { verdictOn } from './configuration-check.ts';
import { describeStep, unifiedDiff } from './describe.ts';
import { dismantle } from './dismantle.ts';
import { rehearseFirewalld } from './dismantle-firewalld.ts';
import { checkNew, restart } from './install.ts';
import { removeLeftovers } from './leftovers.ts';
import { countBlocks, liftBlocks, liftStrays } from './lift-blocks.ts';
import { type Manifest, manifestFileOf, NOTHING, tells } from './manifest.ts';
import { isConfChanged, type Removal, type RemovalWishes, removalOf } from './removal.ts';
import { type Program, runProgram } from './restart.ts';
import type { ManagedSite, Site } from './site.ts';
import { TIMER_FORGET, TIMER_START, timerStop } from './timer.ts';

/**
 * Unblocks everybody and takes Riposte out. ossec.conf becomes what it was before, byte for byte.
 *
 * @throws RiposteError when somebody cannot be unblocked, and when a file cannot be taken out; then all are still there
 */
export function uninstall(site: Site, wishes: RemovalWishes, io: Io): ExitCode {
  const removal = removalOf(site, wishes);
  const { remarks, steps, conf, leftovers, data } = removal;
  for (const remark of remarks) io.out(remark);
  const isThere = steps.length + leftovers.length > 0 || tells(removal.manifest);
  if (!isThere && !isConfChanged(conf) && data === undefined) {
    io.out(`nothing to do: Riposte is not in ${site.home.root}`);
    return EX.OK;
  }
  if (wishes.dryRun) rehearse(site, removal, io);
  else {
    const stopped = hasLiveSystemd(site) ? stopUnits(site, io) : [];
    try {
      demandLifted(site, io);
      carryOut(site, removal, io);
    } catch (error) {
      for (const program of stopped) attempt(program, io);
      throw error;
    }
    for (const step of steps) io.out(describeStep(step, site.inside, true));
    if (isConfChanged(conf)) io.out(`changed ${conf?.path}: it is as it was without Riposte`);
    if (data) io.out(`removed ${site.inside(data)}, with ledger and journal`);
    if (hasLiveSystemd(site)) for (const program of TIMER_FORGET) attempt(program, io);
  }
  const manager = managerOf(site);
  if (manager && (isConfChanged(conf) || wishes.restart)) restart(manager, wishes, io);
  return EX.OK;
}

/** @returns what starts them again, should Riposte stay */
function stopUnits({ root }: Site, io: Io): Program[] {
  for (const program of timerStop(root)) attempt(program, io);
  const enabled = [UNIT, RESPOND_UNIT]
    .filter((unit) => existsSync(join(root, 'etc/systemd/system', unit)))
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

/** @throws RiposteError: what blocks somebody is not taken out, or nobody could unblock him any more */
function demandLifted({ home, root }: Site, io: Io): void {
  const count = countBlocks(home);
  // What bears our mark here is nothing of another host's file system.
  const failures = [...liftBlocks(home, io), ...(root === '/' ? liftStrays(home, io) : [])];
  if (failures.length > 0)
    throw new RiposteError(
      EX.UNAVAILABLE,
      `not everybody could be unblocked, so Riposte stays:\n  ${failures.join('\n  ')}`,
    );
  if (count > 0) io.out(`unblocked ${addresses(count)}`);
}

function carryOut(site: Site, { manifest, steps, conf, leftovers, data }: Removal, io: Io): void {
  removeLeftovers(site, leftovers);
  const changes = new Changes();
  try {
    if (conf && isConfChanged(conf)) {
      checkWithout(site, conf, changes);
      if (data === undefined) changes.put(likeConf(conf, backupOf(site), conf.text));
      demandUnchanged(conf);
      changes.put(likeConf(conf, conf.path, conf.wanted));
    }
    for (const step of steps) apply(step, changes);
  } catch (error) {
    throw undone(changes, error);
  }
  changes.commit();
  demandLifted(site, io); // whom a script has blocked while the scripts went
  dismantle(site, io);
  removeEmptyDirectories(site, manifest);
  // Last of all, for the manifest: until then another run knows what there is to take out.
  if (data === undefined) {
    if (existsSync(manifestFileOf(site.home))) forget(site, manifest);
    return;
  }
  removeData(data);
  removeEmptyDirectories(site, manifest);
}

function forget(site: Site, { once, directories }: Manifest): void {
  const changes = new Changes();
  changes.put(manifestFile(site, { ...NOTHING, once, directories }));
  changes.commit();
}

function removeData(directory: string): void {
  try {
    rmSync(directory, { recursive: true });
  } catch (error) {
    throw fileError('remove', directory, error);
  }
}

/** The rest of ossec.conf may use what goes: a response of somebody's own that runs our command. */
function checkWithout(site: Site, conf: ConfFile & { readonly wanted: string }, changes: Changes): void {
  const manager = managerOf(site);
  const before = manager && verdictOn(manager.manager, site, conf.path, conf.path);
  if (manager && before?.refusal === undefined && before)
    checkNew(manager, conf, conf.wanted, before, changes);
}

function removeEmptyDirectories({ root }: Site, { directories }: Manifest): void {
  for (const directory of [...directories].sort().reverse()) {
    const path = root === '/' ? directory : root + directory;
    try {
      rmdirSync(path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Somebody else has put something there, or taken it away.
      if (code !== 'ENOTEMPTY' && code !== 'ENOENT') throw fileError('remove', path, error);
    }
  }
}

function rehearse(site: Site, { steps, conf, leftovers, data }: Removal, io: Io): void {
  const { home, inside } = site;
  io.out(`would unblock ${addresses(countBlocks(home))}`);
  for (const path of leftovers) io.out(`would remove ${inside(path)}, which a killed run has left`);
  if (conf && isConfChanged(conf)) {
    io.out(`would change ${conf.path}, when the manager's programs find it sound:`);
    for (const line of unifiedDiff(conf.path, conf.text, conf.wanted)) io.out(line);
  }
  for (const step of steps) io.out(describeStep(step, inside, false));
  rehearseFirewalld(site, io);
  if (data) io.out(`would remove ${inside(data)}, with ledger and journal`);
}

function managerOf(site: Site): ManagedSite | undefined {
  const manager = managerAt(site.home.root, site.root);
  return manager && { ...site, manager };
}

const addresses = (count: number): string => `${count} ${count === 1 ? 'address' : 'addresses'}`;
