import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { actOnAll, printResults, requestOf } from '../../active-response/operator/act.ts';
import { type Imported, importList, type Remark } from '../../active-response/operator/list/import-list.ts';
import { readList } from '../../active-response/operator/list/read-list.ts';
import { operatorContext } from '../../active-response/operator/operator-context.ts';
import type { RecordedResult } from '../../active-response/record/result.ts';
import type { ResponseContext } from '../../active-response/request-context.ts';
import { RESPONSES, responseNamed } from '../../active-response/response/responses.ts';
import { loadServerSettings } from '../../active-response/settings/server-settings.ts';
import { blockTime } from '../../active-response/settings/values.ts';
import { parseTarget } from '../../base/address.ts';
import { EX, type ExitCode, RiposteError } from '../../base/errors.ts';
import { fileError } from '../../base/files.ts';
import type { Io } from '../../base/io.ts';
import { printable } from '../../base/printable.ts';
import type { Arguments } from '../arguments.ts';
import { HOME_OPTION, homeOf } from '../options/home.ts';
import { DRY_RUN_OPTION, REASON_OPTION, reasonOf } from '../options/reason.ts';
import { RESPONSE_NAMES } from '../options/response.ts';
import { demandRoot } from '../root.ts';
import type { Verb } from '../verb.ts';

const DEFAULT_RESPONSE = RESPONSES[0]?.name ?? '';

/** The longest list, in bytes: about four million addresses. */
const LONGEST = 64 * 1024 * 1024;

/** The most lines that the output names because they were not carried out. */
const NAMED = 20;

/**
 * riposte block: blocks addresses for an operator as a manager's add does, or blocks the addresses of a list of others.
 */
export const block: Verb = {
  summary: 'block addresses and prefixes, also from a list',
  operands: '[ADDRESS…]',
  options: {
    response: { value: RESPONSE_NAMES, text: `the response that blocks (default ${DEFAULT_RESPONSE})` },
    for: { value: 'TIME', text: 'how long, such as 10m, 1d, or forever; overrides BLOCK_FOR' },
    reason: REASON_OPTION,
    file: { value: 'FILE', text: 'block the addresses and prefixes of this list; - reads standard input' },
    origin: { value: 'NAME', text: 'the list’s name in the ledger (default: the file’s name, or stdin)' },
    'replace-origin': { text: 'release the addresses that this list named before and no longer names' },
    'allow-empty': { text: 'accept a list without any address' },
    'dry-run': DRY_RUN_OPTION,
    ...HOME_OPTION,
  },
  notes: `Without --for, a block lasts as BLOCK_FOR says, else until it is removed. A later alert about the same address
may extend it, and its manager does not end it earlier.
Riposte does not block an allowed address for an operator either: the exit status is ${EX.DATAERR} then, not 0 as for a
manager, because you asked for a block and there is none.
A list has one address or prefix a line, with comments after # or ;, or is CSV as cscli writes it, whose durations
override --for. A wrong line is named, and the others count; the exit status is ${EX.DATAERR} then. Private addresses and this
host's own networks are never blocked for a list. Its blocks count towards MAX_IMPORTED, not MAX_BLOCKS.`,
  examples: [
    ['riposte block 203.0.113.7', 'block it in the firewall until you unblock it'],
    ['riposte block 198.51.100.0/24 --for 1d --reason "scans"', 'block a network for a day'],
    [
      'riposte block --file drop.txt --replace-origin',
      'block the addresses of the list drop, and release its earlier ones',
    ],
  ],

  async run(given, io) {
    const file = given.value('file');
    if (file !== undefined) return blockList(file, given, io);
    const onlyOfLists = ['origin', 'replace-origin', 'allow-empty'].find(
      (name) => given.flag(name) || given.all(name).length > 0,
    );
    if (onlyOfLists !== undefined) throw new RiposteError(EX.USAGE, `--${onlyOfLists} needs --file`);
    if (given.rest.length === 0)
      throw new RiposteError(EX.USAGE, 'block needs an address or a prefix, or --file');
    const addresses = given.rest.map(parseTarget);
    const more = { blockFor: secondsOf(given.value('for')), note: reasonOf(given) };
    const context = contextOf(given, io, given.flag('dry-run') ? io.out : undefined);
    const requests = addresses.map(({ text }) => requestOf('add', text, more));
    const results = await actOnAll(requests, context);
    return printResults(results.map(heldIsFailure), context, io);
  },
};

function contextOf(given: Arguments, io: Io, dryRun: ResponseContext['dryRun']): ResponseContext {
  const response = responseNamed(given.value('response') ?? DEFAULT_RESPONSE);
  if (dryRun === undefined) demandRoot('block');
  return { ...operatorContext(response, homeOf(given, io), io), dryRun };
}

async function blockList(file: string, given: Arguments, io: Io): Promise<ExitCode> {
  if (given.rest.length > 0) throw new RiposteError(EX.USAGE, 'block takes addresses or --file, not both');
  const origin = originOf(given.value('origin'), file);
  const seconds = secondsOf(given.value('for'));
  // The commands of thousands of blocks are too many to read.
  const context = contextOf(given, io, given.flag('dry-run') ? () => true : undefined);
  const { maxImported } = loadServerSettings(context.home.settings);
  const list = readList(await textOf(file, io));
  const imported = await importList(list, context, {
    origin,
    seconds,
    note: reasonOf(given),
    isWhole: given.flag('replace-origin'),
    mayBeEmpty: given.flag('allow-empty'),
    most: maxImported,
  });
  tellRemarks(file, imported.failed, io);
  tellRemarks(file, imported.held, io);
  if (imported.beyond > 0)
    io.err(`riposte: MAX_IMPORTED=${maxImported}: ${imported.beyond} addresses beyond it were not blocked\n`);
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

/** @throws RiposteError (USAGE) */
function originOf(named: string | undefined, file: string): string {
  const origin = named ?? (file === '-' ? 'stdin' : basename(file).replace(/\.[^.]*$/, ''));
  if (/^[a-z\d][\w.-]{0,39}$/i.test(origin)) return origin;
  const form = 'letters, digits, ., _ and -, at most 40';
  throw new RiposteError(EX.USAGE, `--origin must be ${form}, not '${printable(origin, 60)}'`);
}

/** @throws RiposteError (IOERR, NOPERM, DATAERR) */
async function textOf(file: string, io: Io): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of file === '-' ? io.stdin : createReadStream(file)) {
      length += piece.length;
      if (length > LONGEST)
        throw new RiposteError(EX.DATAERR, `${printable(file)} is longer than ${LONGEST >> 20} MB`);
      pieces.push(piece);
    }
  } catch (error) {
    throw error instanceof RiposteError ? error : fileError('read', file, error);
  }
  return Buffer.concat(pieces).toString();
}

function secondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = blockTime(text);
  if (value !== undefined) return value;
  throw new RiposteError(
    EX.USAGE,
    `--for is a time such as 10m, 2h or 1d, or forever, not '${printable(text, 40)}'`,
  );
}

function heldIsFailure(result: RecordedResult): RecordedResult {
  return result.outcome.word === 'held' ? { ...result, exitCode: EX.DATAERR } : result;
}
