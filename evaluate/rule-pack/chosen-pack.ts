import { rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Home } from '../../active-response/home.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import { fileError, makeDirectory, readBytesIfThere, readIfThere, replaceFile } from '../../base/files.ts';
import { namesIn } from '../../base/names-in.ts';
import { usePackFiles } from '../../base/pack-overlay.ts';
import { VERSION } from '../../base/version.ts';
import { LONGEST_PACK, type RulePack, readPack, rulesVersion } from './pack.ts';

/** Set by build/bundle-cli.ts: the time of the commit, in seconds since 1970. */
declare const RIPOSTE_COMMIT_TIME: number | undefined;

/** The version of the rules in this program. A program that runs from its sources has none, so every pack is newer. */
export const PROGRAM_RULES: string = rulesVersion(
  typeof RIPOSTE_COMMIT_TIME === 'number' ? RIPOSTE_COMMIT_TIME : 0,
);

/** The packs of an installation that are in force: names of files, or null for the program's own rules. */
export interface Chosen {
  readonly current: string | null;
  /** The rules that --undo restores. */
  readonly before: string | null;
  /** The version of the program's own rules when the choice was made. */
  readonly over: string;
}

const directoryOf = ({ data }: Home): string => join(data, 'rules');

/** The file that names the pack in force. It changes in one step, after the pack itself is complete. */
export const chosenFile = (home: Home): string => join(directoryOf(home), 'chosen.json');

const NONE: Chosen = { current: null, before: null, over: PROGRAM_RULES };

/** @throws RiposteError (IOERR, NOPERM) when it cannot be read */
export function readChosen(home: Home): Chosen {
  const text = readIfThere(chosenFile(home));
  if (text === undefined) return NONE;
  try {
    const { current, before, over } = JSON.parse(text);
    const isName = (name: unknown) => name === null || (typeof name === 'string' && /^[\w.-]+$/.test(name));
    if (isName(current) && isName(before) && typeof over === 'string') return { current, before, over };
  } catch {
    // The error below says so.
  }
  throw new RiposteError(
    EX.IOERR,
    `${chosenFile(home)} is damaged: remove it, then run riposte rules update again`,
  );
}

/**
 * The pack in force. Undefined while the program's own rules are in force, because no pack is chosen, or because a
 * newer program has newer rules than the pack.
 *
 * @throws RiposteError (IOERR, NOPERM, DATAERR) when the pack is damaged or cannot be read
 */
export function packInForce(home: Home): RulePack | undefined {
  const { current, over } = readChosen(home);
  if (current === null) return undefined;
  const pack = storedPack(home, current);
  return PROGRAM_RULES > over && PROGRAM_RULES >= pack.version ? undefined : pack;
}

/**
 * A pack of this installation. Its signature was checked when it arrived; its name contains the checksum of its bytes.
 *
 * @throws RiposteError (DATAERR) when it is missing or damaged, (IOERR, NOPERM) when it cannot be read
 */
export function storedPack(home: Home, name: string): RulePack {
  const file = join(directoryOf(home), name);
  const bytes = readBytesIfThere(file, { longest: LONGEST_PACK });
  if (bytes === undefined) throw damaged(file, 'is missing');
  const pack = readPack(bytes, file, VERSION);
  if (pack.name !== name) throw damaged(file, 'is damaged');
  return pack;
}

const damaged = (file: string, why: string): RiposteError =>
  new RiposteError(EX.DATAERR, `${file} ${why}: run riposte rules update again, or with --undo`);

/**
 * Uses the pack of an installation in this process. If it cannot be used, this program's own rules are in force.
 *
 * @param warn gets the reason
 * @returns a function that restores the rules that were in force before
 */
export function usePackOf(home: Home | undefined, warn: (message: string) => void): () => void {
  let pack: RulePack | undefined;
  try {
    pack = home && packInForce(home);
  } catch (error) {
    if (!(error instanceof RiposteError)) throw error;
    warn(`this program’s own rules are in force: ${error.message}`);
  }
  return usePackFiles(pack?.files ?? new Map());
}

/**
 * Records a choice. The file that names the pack is replaced last and in one step, so a killed run leaves the old
 * choice or the new one.
 *
 * @param bytes the pack's file by its name; undefined for a pack that exists already
 */
export function choosePack(home: Home, chosen: Chosen, bytes?: Buffer): void {
  const directory = directoryOf(home);
  makeDirectory(directory, 0o750);
  if (bytes !== undefined && chosen.current !== null)
    replaceFile(join(directory, chosen.current), bytes.toString());
  replaceFile(chosenFile(home), `${JSON.stringify(chosen)}\n`);
}

/**
 * Removes the packs of earlier choices, and the files that killed runs have left.
 * @throws RiposteError (IOERR, NOPERM)
 */
export function dropOtherPacks(home: Home): void {
  const directory = directoryOf(home);
  const { current, before } = readChosen(home);
  const kept = [basename(chosenFile(home)), current, before];
  for (const name of namesIn(directory)) {
    if (kept.includes(name)) continue;
    try {
      rmSync(join(directory, name), { force: true });
    } catch (error) {
      throw fileError('remove', join(directory, name), error);
    }
  }
}
