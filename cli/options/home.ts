import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { type Home, hasRiposte, homeAt } from '../../active-response/home.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import { existingDirectory } from '../../base/existing-directory.ts';
import { followed } from '../../base/followed.ts';
import type { Io } from '../../base/io.ts';
import { exceptionsFile, ownRulesFile } from '../../evaluate/own-files.ts';
import { findManagers } from '../../install/manager/manager.ts';
import type { Arguments } from '../arguments.ts';
import type { Option } from '../option.ts';

/** The option of every verb that works on an installation. */
export const HOME_OPTION: Readonly<Record<'home', Option>> = {
  home: { value: 'DIR', text: 'the installation to work on (default: RIPOSTE_HOME, else the installed one)' },
};

/**
 * The installation for a verb: --home, else RIPOSTE_HOME, else the installation that contains this program, else the
 * only one on this host, else /var/lib/riposte, which the responses use without a manager.
 *
 * @throws RiposteError (USAGE) when the directory is missing, or when there is more than one installation
 */
export function homeOf(given: Arguments, { env, program }: Io): Home {
  const named = given.value('home') ?? env.RIPOSTE_HOME;
  if (named) return homeAt(existingDirectory(named));
  const own = homeOfProgram(program);
  if (own !== undefined) return homeAt(own);
  const [first, second] = installedHomes();
  if (first !== undefined && second !== undefined)
    throw new RiposteError(EX.USAGE, `Riposte is in ${first} and in ${second}; name one by --home`);
  return homeAt(first ?? DEFAULT_HOME);
}

/**
 * The installation whose exceptions and own rules a test of rules uses. Undefined if --ruleset is set, if --home names
 * a manager (which uses neither of these files), or if there are two installations and nothing names one of them.
 *
 * @throws RiposteError (USAGE) when the directory is missing
 */
export function homeOfOwnFiles(given: Arguments, io: Io): Home | undefined {
  if (given.value('ruleset') !== undefined) return undefined;
  const named = given.value('home') ?? io.env.RIPOSTE_HOME;
  if (named !== undefined && named !== '') {
    const home = homeAt(existingDirectory(named));
    return existsSync(home.ossecConf) && given.value('home') !== undefined ? undefined : home;
  }
  const [first, second] = [homeOfProgram(io.program) ?? [], installedHomes()].flat();
  if (second !== undefined && second !== first) return undefined;
  const home = homeAt(first ?? DEFAULT_HOME);
  return canRead([exceptionsFile(home), ownRulesFile(home)], io) ? home : undefined;
}

/** An account that may not read an installation can still test rules. */
function canRead(files: readonly string[], { err }: Io): boolean {
  try {
    for (const file of files) if (existsSync(dirname(file))) statSync(file, { throwIfNoEntry: false });
    for (const file of files) if (existsSync(file)) accessSync(file, constants.R_OK);
    return true;
  } catch (error) {
    err(`riposte: ${(error as Error).message}; etc/riposte.except and etc/riposte-rules.xml are left out\n`);
    return false;
  }
}

const DEFAULT_HOME = '/var/lib/riposte';

const installedHomes = (): string[] =>
  findManagers()
    .map(({ home }) => home)
    .filter(hasRiposte);

/** The home of `<home>/bin/riposte`, where install puts this program; /usr/local/bin links to it. */
function homeOfProgram(program: string): string | undefined {
  try {
    const bin = dirname(followed(program));
    return basename(bin) === 'bin' && hasRiposte(dirname(bin)) ? dirname(bin) : undefined;
  } catch {
    return undefined;
  }
}
