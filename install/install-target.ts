import { existsSync, realpathSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { type Home, homeAt } from '../active-response/home.ts';
import { EX, RiposteError } from '../base/errors.ts';
import { existingDirectory } from '../base/existing-directory.ts';
import { fileError } from '../base/files.ts';
import { followed } from '../base/followed.ts';
import type { Io } from '../base/io.ts';
import {
  findManagers,
  isWithin,
  type Manager,
  majorOf,
  managerAt,
  type NoManager,
} from './manager/manager.ts';
import { manifestFileOf } from './manifest.ts';

/** The host and the directory in which Riposte is installed. */
export interface InstallTarget {
  /** The host's file system: `/`, except for packagers and tests. */
  readonly root: string;
  readonly home: Home;
  /** The manager's group id, taken from its active-response/bin. */
  readonly gid: number;
  /** A path as the installed programs see it: without the root. */
  inside(path: string): string;
}

/** The target as the operator names it. */
export interface NamedTarget {
  readonly root: string | undefined;
  readonly home: string | undefined;
  /** True without a manager: Riposte serves alone. */
  readonly isStandalone: boolean;
}

/** A target with its manager. */
export interface ManagedTarget extends InstallTarget {
  readonly manager: Manager | NoManager;
}

/**
 * The manager for `riposte install`: the manager in --home, else in RIPOSTE_HOME, else the only installed manager.
 *
 * @throws RiposteError (USAGE) for none, for several, and for a manager that runs no active responses
 */
export function targetToInstall(named: NamedTarget, io: Pick<Io, 'env' | 'program'>): ManagedTarget {
  const root = rootOf(named);
  if (named.isStandalone) return standaloneTarget(named, io, root);
  const home = namedHome(named, io, root);
  const managers = home === undefined ? findManagers(root) : [managerNamed(home, root)];
  const [manager, second] = managers;
  if (manager === undefined)
    throw new RiposteError(
      EX.USAGE,
      'riposte install found neither OSSEC nor Wazuh: name the directory of the manager by --home DIR, or install without a manager by --standalone',
    );
  if (second !== undefined) throw severalHomes('there is a manager', managers);
  if (isWazuh5Manager(manager))
    throw new RiposteError(
      EX.USAGE,
      `${manager.home} is a manager of Wazuh 5, which runs no active responses itself: run riposte install on its agents`,
    );
  return nameable({ ...targetAt(manager.home, root), manager });
}

/** The home of a host without a manager, created when it is missing. */
function standaloneTarget(named: NamedTarget, { env }: Pick<Io, 'env'>, root: string): ManagedTarget {
  const path = resolve(named.home ?? (env.RIPOSTE_HOME || STANDALONE_HOME));
  const home = root === '/' || path.startsWith(`${root}/`) ? path : join(root, path);
  const found = managerAt(home, root);
  if (found)
    throw new RiposteError(
      EX.USAGE,
      `${found.home} is the directory of a manager: install there without --standalone`,
    );
  const inside = (each: string) => join('/', relative(root, each));
  const manager = { home, kind: 'none', role: 'local', version: undefined } as const;
  return nameable({ root, home: homeAt(home), gid: 0, inside, manager });
}

const STANDALONE_HOME = '/var/lib/riposte';

function nameable(target: ManagedTarget): ManagedTarget {
  if (/[^\w./+@:-]/.test(target.inside(target.home.root)))
    throw new RiposteError(
      EX.USAGE,
      `${target.home.root} contains a character that a systemd unit or a cron line cannot hold: use another directory`,
    );
  return target;
}

/** True when the manager has an ossec.conf for Riposte to change. */
export const usesOssecConf = (manager: Manager | NoManager): manager is Manager =>
  manager.kind !== 'none' && !isWazuh5(manager);

/**
 * The installation that `riposte uninstall` removes. Its manager may be gone already.
 *
 * @throws RiposteError (USAGE) when there are several
 */
export function targetToUninstall(named: NamedTarget, io: Pick<Io, 'env' | 'program'>): InstallTarget {
  const root = rootOf(named);
  const home = namedHome(named, io, root) ?? homeOfProgram(io, root);
  if (home !== undefined) return targetAt(home, root);
  const managers = findManagers(root);
  const installed = homesWithManifest(root, managers);
  if (installed.length > 1) throw severalHomes('Riposte is', installed);
  const [only] = installed.length > 0 ? installed : managers.length === 1 ? managers : [];
  if (only) return targetAt(only.home, root);
  throw new RiposteError(EX.USAGE, 'Riposte is not installed here; name its directory by --home DIR');
}

/** The usual directories in which Riposte is or was installed. */
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

function targetAt(home: string, root: string): InstallTarget {
  const bin = join(home, 'active-response/bin');
  try {
    const gid = statSync(bin, { throwIfNoEntry: false })?.gid ?? statSync(home).gid;
    return { root, home: homeAt(home), gid, inside: (path) => join('/', relative(root, path)) };
  } catch (error) {
    throw fileError('read', bin, error);
  }
}

function rootOf(named: NamedTarget): string {
  return realpathSync(existingDirectory(named.root ?? '/'));
}

/** The home that the operator named. The operator may write the path with the root before it, or without. */
function namedHome(named: NamedTarget, { env }: Pick<Io, 'env'>, root: string): string | undefined {
  const given = named.home ?? env.RIPOSTE_HOME;
  if (!given) return undefined;
  const path = resolve(given);
  const home = existingDirectory(isWithin(root, path) ? path : join(root, path));
  const real = realpathSync(home);
  if (isWithin(root, real)) return home;
  throw new RiposteError(EX.USAGE, `${path} leads out of ${root}, to ${real}: make the link relative`);
}

function managerNamed(home: string, root: string): Manager {
  const manager = managerAt(home, root);
  if (manager) return manager;
  throw new RiposteError(
    EX.USAGE,
    `${home} is not a manager's directory: its bin has no programs of OSSEC or Wazuh`,
  );
}

/** The home of a program in `<home>/bin/riposte`. */
function homeOfProgram({ program }: Pick<Io, 'program'>, root: string): string | undefined {
  try {
    const home = resolve(followed(program), '../..');
    return root === '/' && existsSync(manifestFileOf(homeAt(home))) ? home : undefined;
  } catch {
    return undefined;
  }
}

function severalHomes(what: string, managers: readonly Pick<Manager, 'home'>[]): RiposteError {
  const homes = managers.map(({ home }) => home).join(' and in ');
  return new RiposteError(EX.USAGE, `${what} in ${homes}; name one by --home DIR`);
}
