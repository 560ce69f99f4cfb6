import { type Imported, importList, type Remark } from '../../active-response/operator/list/import-list.ts';
import { readList } from '../../active-response/operator/list/read-list.ts';
import { operatorContext } from '../../active-response/operator/operator-context.ts';
import type { ResponseContext } from '../../active-response/request-context.ts';
import { RESPONSES, responseNamed } from '../../active-response/response/responses.ts';
import { loadServerSettings } from '../../active-response/settings/server-settings.ts';
import { blockTime } from '../../active-response/settings/values.ts';
import { counted } from '../../base/counted.ts';
import { EX, type ExitCode, RiposteError } from '../../base/errors.ts';
import type { Io } from '../../base/io.ts';
import { printable } from '../../base/printable.ts';
import type { Arguments } from '../arguments.ts';
import { homeOf } from '../options/home.ts';
import { reasonOf } from '../options/reason.ts';
import { demandRoot } from '../root.ts';

/** The response that blocks by default. */
export const DEFAULT_RESPONSE = RESPONSES[0]?.name ?? '';

/** The longest list, in bytes: about four million addresses. */
export const LONGEST_LIST = 64 * 1024 * 1024;

/** The output names at most this many lines that failed, and as many that are never blocked. */
const NAMED = 20;

/** The context of blocks by an operator. @throws RiposteError (NOPERM, USAGE, CONFIG) */
export function blockContext(
  verb: string,
  given: Arguments,
  io: Io,
  dryRun: ResponseContext['dryRun'],
): ResponseContext {
  const response = responseNamed(given.value('response') ?? DEFAULT_RESPONSE);
  if (dryRun === undefined) demandRoot(verb);
  return { ...operatorContext(response, homeOf(given, io), io), dryRun };
}

/** A list to import. */
export interface ListText {
  readonly text: string;
  /** The file or host of the list, for messages. */
  readonly from: string;
  /** The list's name in the ledger. */
  readonly origin: string;
  /** True to release the addresses that the list no longer names. */
  readonly isWhole: boolean;
}

/**
 * Imports a list with the options of the command line, and prints the results.
 *
 * @throws RiposteError as `importList` does
 */
export async function importText(
  { text, from, origin, isWhole }: ListText,
  given: Arguments,
  context: ResponseContext,
  io: Io,
): Promise<ExitCode> {
  const { maxImported } = loadServerSettings(context.home.settings);
  const list = readList(text);
  const imported = await importList(list, context, {
    origin,
    seconds: secondsOf(given.value('for')),
    note: reasonOf(given),
    isWhole,
    mayBeEmpty: given.flag('allow-empty'),
    most: maxImported,
  });
  tellRemarks(from, imported.failed, io);
  tellRemarks(from, imported.held, io);
  if (imported.beyond > 0)
    io.err(
      `riposte: did not block ${counted(imported.beyond, 'address', 'addresses')}, because MAX_IMPORTED=${maxImported} allows no more\n`,
    );
  for (const { message } of imported.unwritten) io.err(`riposte: ${message}\n`);
  io.out(
    `${context.response.name}: ${origin}: ${sumOf(imported, list.skipped, context.dryRun !== undefined)}`,
  );
  return imported.exitCode === EX.OK ? (imported.unwritten[0]?.exitCode ?? EX.OK) : imported.exitCode;
}

function tellRemarks(file: string, remarks: readonly Remark[], io: Io): void {
  for (const { line, text } of remarks.slice(0, NAMED))
    io.err(`riposte: ${[printable(file), line ?? []].flat().join(':')}: ${printable(text, 500)}\n`);
  if (remarks.length > NAMED) io.err(`riposte: and ${remarks.length - NAMED} more\n`);
}

function sumOf(
  { blocked, already, released, held, failed, beyond }: Imported,
  skipped: number,
  isDryRun: boolean,
): string {
  const parts = [
    [blocked, isDryRun ? 'would be blocked' : 'blocked'],
    [already, 'listed before'],
    [released, isDryRun ? 'would be released' : 'released'],
    [held.length, 'never blocked'],
    [failed.length, 'refused or failed'],
    [beyond, 'beyond MAX_IMPORTED'],
    [skipped, 'of another kind'],
  ] as const;
  const some = parts.filter(([number], index) => number > 0 || index === 0);
  return some.map(([number, what]) => `${number} ${what}`).join(', ');
}

/** Checks the name of a list. @throws RiposteError (USAGE) */
export function checkOrigin(origin: string): string {
  if (/^[a-z\d][\w.-]{0,39}$/i.test(origin)) return origin;
  const form = 'letters, digits, ., _ and -, at most 40';
  throw new RiposteError(EX.USAGE, `--origin must be ${form}, not '${printable(origin, 60)}'`);
}

/** The seconds of --for; infinity for `forever`. @throws RiposteError (USAGE) */
export function secondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = blockTime(text);
  if (value !== undefined) return value;
  throw new RiposteError(
    EX.USAGE,
    `--for is a time such as 10m, 2h or 1d, or forever, not '${printable(text, 40)}'`,
  );
}
