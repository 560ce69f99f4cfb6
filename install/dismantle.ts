import { realpathSync } from 'node:fs';
import type { DismantleContext } from '../active-response/backend/upkeep.ts';
import { homeAt } from '../active-response/home.ts';
import { allBackends } from '../active-response/response/all-backends.ts';
import { realExecutor } from '../base/execute.ts';
import { lookForProgram } from '../base/find-program.ts';
import type { Io } from '../base/io.ts';
import { homesWithManifest, type InstallTarget } from './install-target.ts';
import { NOTHING, namesInstallation, readManifest } from './manifest.ts';

/** The time limit of a program, in seconds. */
const TIME_LIMIT = 20;

/**
 * Lets each backend remove everything that exists only for its blocks: tables, sets, chains and files.
 *
 * @throws RiposteError (UNAVAILABLE) when an object that could not be removed would still block addresses
 */
export function dismantle(target: InstallTarget, io: Io): void {
  const context = contextOf(target, io);
  for (const { upkeep } of allBackends()) upkeep?.dismantle?.(context);
}

/** Prints the objects that `dismantle` would remove. */
export function rehearseDismantling(target: InstallTarget, io: Io): void {
  const context = contextOf(target, io);
  for (const { upkeep } of allBackends()) upkeep?.rehearse?.(context);
}

const contextOf = (target: InstallTarget, io: Io): DismantleContext => ({
  root: target.root,
  home: target.home.root,
  executor: realExecutor(TIME_LIMIT, io.env),
  has: (program) => lookForProgram(program, io.env.PATH) !== undefined,
  inside: (path) => target.inside(path),
  otherHome: () => otherHome(target),
  say: (line) => io.out(line),
  warn: (message) => io.err(`riposte: ${message}\n`),
});

function otherHome({ root, home }: InstallTarget): string | undefined {
  const isOther = (each: string) => realpathSync(each) !== realpathSync(home.root) && isInUse(each);
  return homesWithManifest(root).find((each) => isOther(each.home))?.home;
}

function isInUse(home: string): boolean {
  try {
    return namesInstallation(readManifest(homeAt(home)) ?? NOTHING);
  } catch {
    return true; // A damaged manifest shows that Riposte was installed.
  }
}
