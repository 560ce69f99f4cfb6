import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { EX, RiposteError } from '../active-response/errors.ts';
import { type Home, homeAt } from '../active-response/home.ts';
import type { Arguments } from './arguments.ts';
import { findManagers } from './manager/manager.ts';
import type { Io, Option } from './verb.ts';

/** The option of every verb that works on an installation. */
export const HOME_OPTION: Readonly<Record<'home', Option>> = {
  home: { value: 'DIR', text: 'the installation to work on (default: RIPOSTE_HOME, else what is installed)' },
};

/**
 * The installation that a verb works on: --home, else RIPOSTE_HOME, else the one this program is part of, else
 * the one that is installed, else /var/lib/riposte, which the responses use without a manager.
 *
 * @throws RiposteError (USAGE) when the directory is not there, or when there is more than one installation
 */
export function homeOf(given: Arguments, { env, program }: Io): Home {
  const named = given.value('home') ?? env.RIPOSTE_HOME;
  if (named) return homeAt(directory(named));
  const own = homeOfProgram(program);
  if (own !== undefined) return homeAt(own);
  const [first, second] = findManagers()
    .map(({ home }) => home)
    .filter(hasRiposte);
  if (first !== undefined && second !== undefined)
    throw new RiposteError(EX.USAGE, `Riposte is in ${first} and in ${second}; say which by --home`);
  return homeAt(first ?? '/var/lib/riposte');
}

/** True when our scripts are installed there. */
export const hasRiposte = (home: string): boolean =>
  existsSync(join(home, 'active-response/bin/firewall-drop.js'));

/** `<home>/bin/riposte` is where install puts this program; /usr/local/bin has a link to it. */
function homeOfProgram(program: string): string | undefined {
  try {
    const bin = dirname(realpathSync(program));
    return basename(bin) === 'bin' && hasRiposte(dirname(bin)) ? dirname(bin) : undefined;
  } catch {
    return undefined;
  }
}

function directory(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return realpathSync(path);
  throw new RiposteError(EX.USAGE, `there is no directory ${path}`);
}
