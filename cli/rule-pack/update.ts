import { existsSync, readFileSync } from 'node:fs';
import { type Home, hasRiposte } from '../../active-response/home.ts';
import { loadServerSettings } from '../../active-response/settings/server-settings.ts';
import { EX, type ExitCode, RiposteError } from '../../base/errors.ts';
import { fileError } from '../../base/files.ts';
import type { Io } from '../../base/io.ts';
import { holderOf } from '../../base/lock.ts';
import { usePackFiles } from '../../base/pack-overlay.ts';
import { printable } from '../../base/printable.ts';
import { VERSION } from '../../base/version.ts';
import {
  type Chosen,
  choosePack,
  dropOtherPacks,
  PROGRAM_RULES,
  packInForce,
  readChosen,
  storedPack,
} from '../../evaluate/rule-pack/chosen-pack.ts';
import { filesInForce, tryFilesInForce } from '../../evaluate/rule-pack/own-files.ts';
import { type RulePack, readPack } from '../../evaluate/rule-pack/pack.ts';
import { PROJECT_KEY } from '../../evaluate/rule-pack/public-key.ts';
import { install, restart } from '../../install/install.ts';
import {
  type ManagedTarget,
  type NamedTarget,
  targetToInstall,
  usesOssecConf,
} from '../../install/install-target.ts';
import { AS_BEFORE } from '../../install/ossec-conf/choice.ts';
import { withInstallLock } from '../../install/with-install-lock.ts';
import { lockFile } from '../../serve/state.ts';
import type { Arguments } from '../arguments.ts';
import { asksYes, canAsk } from '../ask.ts';
import { homeOf } from '../options/home.ts';
import { warnOn } from '../options/ruleset.ts';
import { demandRoot } from '../root.ts';
import { changesBetween } from './changes.ts';
import { sayDifferences } from './compare.ts';
import { fetchPack } from './fetch-pack.ts';

/** The rules to put in force. */
interface Wanted {
  /** Undefined for this program's own rules. */
  readonly pack: RulePack | undefined;
  /** The pack's file; undefined for a pack that this installation already has. */
  readonly bytes: Buffer | undefined;
}

/**
 * riposte rules update: shows the changes, then puts the rules of a pack in force. Without a source, prints which rules
 * are in force.
 *
 * @throws RiposteError when Riposte refuses the pack, or a manager's check refuses the pack's rules; nothing is changed
 */
export async function updateRules(source: string | undefined, given: Arguments, io: Io): Promise<ExitCode> {
  const home = homeToUpdate(given, io);
  const isUndo = given.flag('undo');
  if (isUndo && source !== undefined)
    throw new RiposteError(EX.USAGE, `--undo takes no '${source}': it goes back to the previous rules`);
  const now = inForce(home, io);
  if (!isUndo && source === undefined) {
    io.out(`in force: ${describe(now)}`);
    return EX.OK;
  }
  if (!given.flag('dry-run')) demandRoot('rules update');
  const chosen = readChosen(home);
  const wanted = source === undefined ? rulesBefore(home, chosen) : await packFrom(source, home);
  if (source !== undefined) demandAllowed(wanted.pack, now, given);
  demandKnown(wanted.pack);
  if (wanted.pack?.name === now?.name) io.out(`in force already: ${describe(now)}`);
  else if (!(await isConfirmed(now, wanted.pack, given, home, io))) return EX.OK;
  return given.flag('dry-run') ? EX.OK : changeTo(wanted, now, chosen, home, given, io);
}

/** Shows the changes, and asks on a terminal. @returns false when the rules must not be changed */
async function isConfirmed(
  now: RulePack | undefined,
  wanted: RulePack | undefined,
  given: Arguments,
  home: Home,
  io: Io,
): Promise<boolean> {
  io.out(`in force: ${describe(now)}`);
  io.out(`${given.flag('undo') ? 'back to' : 'new'}: ${describe(wanted)}`);
  const changes = changesBetween(filesOf(now), filesOf(wanted));
  if (changes.length === 0) io.out('nothing to do: both packs have the same rules');
  if (changes.length === 0) return false;
  for (const line of changes) io.out(line);
  // With --root, the settings are another host's: this host has no logs at the paths that they name.
  if (given.value('root') === undefined)
    await sayDifferences(now?.files ?? NONE, wanted?.files ?? NONE, given, home, io);
  if (given.flag('dry-run')) {
    io.out('dry run: nothing was changed');
    return false;
  }
  if (given.flag('yes') || !canAsk(io) || (await asksYes('Use these rules?', io))) return true;
  io.out('nothing was changed');
  return false;
}

/** The program's own rules, without files of a pack. */
const NONE: ReadonlyMap<string, string> = new Map();

/** The installation to update, also below --root. */
function homeToUpdate(given: Arguments, io: Io): Home {
  const root = given.value('root');
  return root === undefined ? homeOf(given, io) : targetToInstall(targetOf(given), io).home;
}

const targetOf = (given: Arguments, home = given.value('home')): NamedTarget => ({
  root: given.value('root'),
  home,
  isStandalone: false,
});

/** The pack in force. A damaged pack is not in force, and a new pack replaces it. */
function inForce(home: Home, io: Io): RulePack | undefined {
  try {
    return packInForce(home);
  } catch (error) {
    if (!(error instanceof RiposteError) || error.exitCode === EX.NOPERM) throw error;
    warnOn(io)(error.message);
    return undefined;
  }
}

const describe = (pack: RulePack | undefined): string =>
  pack === undefined
    ? `rules ${PROGRAM_RULES} of this program`
    : `rules ${pack.version}${pack.isSigned ? '' : ', unsigned'}`;

function rulesBefore(home: Home, { current, before }: Chosen): Wanted {
  if (current === null && before === null)
    throw new RiposteError(EX.UNAVAILABLE, 'there was no update to undo; nothing was changed');
  return { pack: before === null ? undefined : storedPack(home, before), bytes: undefined };
}

async function packFrom(source: string, home: Home): Promise<Required<Wanted>> {
  const keys = [PROJECT_KEY, ...keyOf(loadServerSettings(home.settings).rulesKeyFile)];
  const bytes = await fetchPack(source);
  return { bytes, pack: readPack(bytes, printable(source, 200), VERSION, keys) };
}

/** The key of RULES_KEY_FILE; none while the setting is empty. */
function keyOf(file: string): string[] {
  if (file === '') return [];
  try {
    return [readFileSync(file, 'utf8')];
  } catch (error) {
    throw fileError('read', file, error);
  }
}

/** @throws RiposteError (NOPERM) for an unsigned or older pack without --allow */
function demandAllowed(pack: RulePack | undefined, now: RulePack | undefined, given: Arguments): void {
  if (pack === undefined || given.flag('allow') || pack.name === now?.name) return;
  const present = now?.version ?? PROGRAM_RULES;
  const why = !pack.isSigned
    ? 'the pack is not signed'
    : pack.version < present
      ? `the pack's rules ${pack.version} are older than ${present}, which are in force`
      : undefined;
  if (why === undefined) return;
  throw new RiposteError(EX.NOPERM, `${why}; nothing was changed; --allow accepts the pack`);
}

/** @throws RiposteError (DATAERR) for a pack with files or lines that this program does not understand */
function demandKnown(pack: RulePack | undefined): void {
  if (pack === undefined) return;
  const own = filesOf(undefined);
  const refuse = (why: string, cause?: unknown) =>
    new RiposteError(EX.DATAERR, `this Riposte cannot use the pack: ${why}; update Riposte first`, { cause });
  const unknown = [...pack.files.keys()].find((path) => !own.has(path));
  if (unknown !== undefined) throw refuse(`it does not know ${printable(unknown, 100)}`);
  const goBack = usePackFiles(pack.files);
  try {
    tryFilesInForce();
  } catch (error) {
    throw refuse(error instanceof Error ? printable(error.message, 300) : String(error), error);
  } finally {
    goBack();
  }
}

/** All files that are in force with this pack; without a pack, the program's own files. */
function filesOf(pack: RulePack | undefined): ReadonlyMap<string, string> {
  const goBack = usePackFiles(pack?.files ?? NONE);
  const files = filesInForce();
  goBack();
  return files;
}

/**
 * Chooses the pack, then brings the manager's files up to date. If the manager's check refuses them, goes back to the
 * earlier pack.
 */
async function changeTo(
  { pack, bytes }: Wanted,
  now: RulePack | undefined,
  chosen: Chosen,
  home: Home,
  given: Arguments,
  io: Io,
): Promise<ExitCode> {
  usePackFiles(pack?.files ?? NONE);
  const target = managedTarget(home, given, io);
  const isSame = pack?.name === now?.name;
  const next = { current: pack?.name ?? null, before: now?.name ?? null, over: PROGRAM_RULES };
  const options = { ...INSTALLATION, restart: given.flag('restart') };
  const concernsManager = withInstallLock(target?.root ?? given.value('root') ?? '/', () => {
    if (!isSame) choosePack(home, next, bytes);
    try {
      return target !== undefined && install(target, options, io);
    } catch (error) {
      if (!isSame) choosePack(home, chosen);
      throw error;
    } finally {
      dropOtherPacks(home);
    }
  });
  io.out(
    `now in force: ${describe(pack)}${isSame ? '' : '; riposte rules update --undo restores the previous rules'}`,
  );
  const server = holderOf(lockFile(home));
  if (server !== undefined) io.out(`riposte serve (process ${server}) reads the new rules by itself`);
  if (target && concernsManager) await restart(target, options, io);
  return EX.OK;
}

/** Keeps the choices of the installation, so that only files of rules change. */
const INSTALLATION = {
  dryRun: false,
  movesSettings: false,
  isWorker: false,
  discardsEdits: false,
  choice: AS_BEFORE,
} as const;

/** The manager of this installation if it analyses logs with Riposte's rules; else undefined. */
function managedTarget(home: Home, given: Arguments, io: Io): ManagedTarget | undefined {
  if (!existsSync(home.ossecConf) || !hasRiposte(home.root)) return undefined;
  const target = targetToInstall(targetOf(given, given.value('root') ? undefined : home.root), io);
  return usesOssecConf(target.manager) && target.manager.role !== 'agent' ? target : undefined;
}
