import type { Home } from '../../active-response/home.ts';
import { loadSettings } from '../../active-response/settings/load.ts';
import { RiposteError } from '../../base/errors.ts';
import type { Io } from '../../base/io.ts';
import { lookUpBy } from '../../evaluate/robots/look-up.ts';
import { RobotProofs } from '../../evaluate/robots/robot-proofs.ts';
import { SourceGuard } from '../../evaluate/source-guard.ts';
import type { Arguments } from '../arguments.ts';
import { homeOf } from '../options/home.ts';

/**
 * The guard of the installation that --home names, else of this host's installation. If --home names none and the
 * account may not read this host's installation, replay continues without its allow list.
 *
 * @throws RiposteError (USAGE, CONFIG, NOPERM) for the installation that --home names
 */
export function replayGuard(given: Arguments, io: Io): SourceGuard {
  const robots = new RobotProofs({ lookUp: given.flag('dns') ? lookUpBy() : undefined });
  if (given.value('home') !== undefined) return guardOf(homeOf(given, io), io, robots);
  try {
    return guardOf(homeOf(given, io), io, robots);
  } catch (error) {
    if (!(error instanceof RiposteError)) throw error;
    io.err(`riposte: ${error.message}; replay continues without the allow list\n`);
    return new SourceGuard({ home: undefined, settings: loadSettings([], new Map()), env: io.env, robots });
  }
}

function guardOf(home: Home, { env }: Io, robots: RobotProofs): SourceGuard {
  const guard = new SourceGuard({ home, settings: loadSettings(home.settings, new Map()), env, robots });
  guard.check();
  return guard;
}
