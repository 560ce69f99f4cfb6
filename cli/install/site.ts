import { existsSync, realpathSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { EX, RiposteError } from '../../active-response/errors.ts';
import { fileError } from '../../active-response/files.ts';
import { type Home, homeAt } from '../../active-response/home.ts';
import type { Arguments } from '../arguments.ts';
import {
  findManagers,
  isWithin,
  type Manager,
  majorOf,
  managerAt,
  type NoManager,
} from '../manager/manager.ts';
import type { Io } from '../verb.ts';
import { manifestFileOf } from './manifest.ts';

/** Where Riposte is, or will be, installed. */
export interface Site {
  /** The file system of the host it is for: `/`, but for packagers and tests. */
  readonly root: string;
  readonly home: Home;
  /** The manager's group, as a number: that of its active-response/bin. */
  readonly gid: number;
  /** A path as the installed programs will see it: without the root. */
  inside(path: string): string;
}

/** A site with its manager. */
export interface ManagedSite extends Site {
  readonly manager: Manager | NoManager;
}

/**
 * The manager that `riposte install` is for: that of --home, else of RIPOSTE_HOME, else the one that is here.
 *
 * @throws RiposteError (USAGE) for none, for several, and for a manager that runs no active responses
 */
export function siteToInstall(given: Arguments, io: Io): ManagedSite {
  const root = rootOf(given);
  if (given.flag('standalone')) return standaloneSite(given, io, root);
  const named = namedHome(given, io, root);
  const managers = named === undefined ? findManagers(root) : [managerNamed(named, root)];
  const [manager, second] = managers;
  if (manager === undefined)
    throw new RiposteError(
      EX.USAGE,
      'neither OSSEC nor Wazuh is installed here: say where it is by --home DIR, or by --standalone that there is none',
    );
  if (second !== undefined) throw severalHomes('there is a manager', managers);
  if (isWazuh5Manager(manager))
    throw new RiposteError(
      EX.USAGE,
      `${manager.home} is a manager of Wazuh 5, which runs no active responses itself: run riposte install on its agents`,
    );
  return nameable({ ...siteAt(manager.home, root), manager });
}

/** The home of a host without a manager, made where it is missing. */
function standaloneSite(given: Arguments, { env }: Io, root: string): ManagedSite {
  const path = resolve(given.value('home') ?? (env.RIPOSTE_HOME || STANDALONE_HOME));
  const home = root === '/' || path.startsWith(`${root}/`) ? path : join(root, path);
  const found = managerAt(home, root);
  if (found)
    throw new RiposteError(EX.USAGE, `${found.home} is a manager's: install there without --standalone`);
  const inside = (each: string) => join('/', relative(root, each));
  const manager = { home, kind: 'none', role: 'local', version: undefined } as const;
  return nameable({ root, home: homeAt(home), gid: 0, inside, manager });
}

const STANDALONE_HOME = '/var/lib/riposte';

function nameable(site: ManagedSite): ManagedSite {
  if (/[^\w./+@:-]/.test(site.inside(site.home.root)))
    throw new RiposteError(
      EX.USAGE,
      `${site.home.root} has a character that cannot stand in a unit of systemd and a line for cron`,
    );
  return site;
}

/** True where there is an ossec.conf that Riposte belongs into. */
export const usesOssecConf = (manager: Manager | NoManager): manager is Manager =>
  manager.kind !== 'none' && !isWazuh5(manager);

/**
 * The installation that `riposte uninstall` takes out. Its manager may be gone already.
 *
 * @throws RiposteError (USAGE) when there are several
 */
export function siteToUninstall(given: Arguments, io: Io): Site {
  const root = rootOf(given);
  const named = namedHome(given, io, root) ?? homeOfProgram(io, root);
  if (named !== undefined) return siteAt(named, root);
  const managers = findManagers(root);
  const installed = homesWithManifest(root, managers);
  if (installed.length > 1) throw severalHomes('Riposte is', installed);
  const [only] = installed.length > 0 ? installed : managers.length === 1 ? managers : [];
  if (only) return siteAt(only.home, root);
  throw new RiposteError(EX.USAGE, 'Riposte is not installed here; say where it is by --home DIR');
}

/** Where Riposte is or was installed, as far as that can be known: of the usual places. */
export const homesWithManifest = (
  root: string,
  managers: readonly Pick<Manager, 'home'>[] = findManagers(root),
): Pick<Manager, 'home'>[] =>
  [...managers, { home: join(root, STANDALONE_HOME) }].filter(({ home }) =>
    existsSync(manifestFileOf(homeAt(home))),
  );

/** Wazuh 5 has no rules in XML, and its agents need nothing in ossec.conf. */
export const isWazuh5 = (manager: Manager | NoManager): boolean =>
  manager.kind === 'wazuh' && (majorOf(manager) ?? 4) >= 5;

function isWazuh5Manager(manager: Manager): boolean {
  const isNamedSo = existsSync(join(manager.home, 'bin/wazuh-manager-analysisd'));
  return manager.role !== 'agent' && (isWazuh5(manager) || isNamedSo);
}

function siteAt(home: string, root: string): Site {
  const bin = join(home, 'active-response/bin');
  try {
    const gid = statSync(bin, { throwIfNoEntry: false })?.gid ?? statSync(home).gid;
    return { root, home: homeAt(home), gid, inside: (path) => join('/', relative(root, path)) };
  } catch (error) {
    throw fileError('read', bin, error);
  }
}

function rootOf(given: Arguments): string {
  return directory(given.value('root') ?? '/');
}

/** The home that a person named, as they see it: below the root, whether that was written down or not. */
function namedHome(given: Arguments, { env }: Io, root: string): string | undefined {
  const named = given.value('home') ?? env.RIPOSTE_HOME;
  if (!named) return undefined;
  const path = resolve(named);
  const home = directory(isWithin(root, path) ? path : join(root, path));
  if (isWithin(root, home)) return home;
  throw new RiposteError(EX.USAGE, `${path} leads out of ${root}, to ${home}: make its link a relative one`);
}

function managerNamed(home: string, root: string): Manager {
  const manager = managerAt(home, root);
  if (manager) return manager;
  throw new RiposteError(
    EX.USAGE,
    `${home} is no manager's directory: its bin has no programs of OSSEC or Wazuh`,
  );
}

/** `<home>/bin/riposte` is for its own home. */
function homeOfProgram({ program }: Io, root: string): string | undefined {
  try {
    const home = resolve(realpathSync(program), '../..');
    return root === '/' && existsSync(manifestFileOf(homeAt(home))) ? home : undefined;
  } catch {
    return undefined;
  }
}

function directory(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return realpathSync(path);
  throw new RiposteError(EX.USAGE, `there is no directory ${path}`);
}

function severalHomes(what: string, managers: readonly Pick<Manager, 'home'>[]): RiposteError {
  const homes = managers.map(({ home }) => home).join(' and in ');
  return new RiposteError(EX.USAGE, `${what} in ${homes}; say which by --home DIR`);
}
