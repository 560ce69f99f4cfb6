import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { actOnAll, printResults, requestOf } from '../../active-response/operator/act.ts';
import type { RecordedResult } from '../../active-response/record/result.ts';
import { parseTarget } from '../../base/address.ts';
import { EX, type ExitCode, RiposteError } from '../../base/errors.ts';
import { fileError } from '../../base/files.ts';
import type { Io } from '../../base/io.ts';
import { printable } from '../../base/printable.ts';
import type { Arguments } from '../arguments.ts';
import {
  blockContext,
  checkOrigin,
  DEFAULT_RESPONSE,
  importText,
  LONGEST_LIST,
  secondsOf,
} from '../list/import-text.ts';
import { HOME_OPTION } from '../options/home.ts';
import { DRY_RUN_OPTION, REASON_OPTION, reasonOf } from '../options/reason.ts';
import { RESPONSE_NAMES } from '../options/response.ts';
import type { Verb } from '../verb.ts';

/**
 * riposte block: blocks addresses for an operator as a manager's add does, or blocks the addresses that a list names.
 */
export const block: Verb = {
  summary: 'block addresses and prefixes, also from a list',
  operands: '[ADDRESS…]',
  options: {
    response: { value: RESPONSE_NAMES, text: `the response that blocks (default ${DEFAULT_RESPONSE})` },
    for: { value: 'TIME', text: 'the time of the block, such as 10m, 1d, or forever; overrides BLOCK_FOR' },
    reason: REASON_OPTION,
    file: { value: 'FILE', text: 'block the addresses and prefixes of this list; - reads standard input' },
    origin: { value: 'NAME', text: 'the list’s name in the ledger (default: the file’s name, or stdin)' },
    'replace-origin': { text: 'release the addresses that this list named before and no longer names' },
    'allow-empty': { text: 'accept a list without any address' },
    'dry-run': DRY_RUN_OPTION,
    ...HOME_OPTION,
  },
  notes: `Without --for, a block lasts as BLOCK_FOR says, else until it is removed. A later alert about the same address
may extend the block; the manager that sent the alert does not end the block earlier.
Riposte does not block an allowed address for an operator either: the exit status is ${EX.DATAERR} then, not 0 as for a
manager, because you asked for a block and there is none.
A list has one address or prefix a line, with comments after # or ;, or is CSV as cscli writes it, whose durations
override --for. If a line is wrong, Riposte reports it, uses the other lines, and exits with status ${EX.DATAERR}. Private addresses and this
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
    const context = blockContext('block', given, io, given.flag('dry-run') ? io.out : undefined);
    const requests = addresses.map(({ text }) => requestOf('add', text, more));
    const results = await actOnAll(requests, context);
    return printResults(results.map(heldIsFailure), context, io);
  },
};

async function blockList(file: string, given: Arguments, io: Io): Promise<ExitCode> {
  if (given.rest.length > 0) throw new RiposteError(EX.USAGE, 'block takes addresses or --file, not both');
  const origin = checkOrigin(given.value('origin') ?? nameOf(file));
  // The commands of thousands of blocks are too many to read.
  const context = blockContext('block', given, io, given.flag('dry-run') ? () => true : undefined);
  const list = { text: await textOf(file, io), from: file, origin, isWhole: given.flag('replace-origin') };
  return importText(list, given, context, io);
}

const nameOf = (file: string): string => (file === '-' ? 'stdin' : basename(file).replace(/\.[^.]*$/, ''));

/** @throws RiposteError (IOERR, NOPERM, DATAERR) */
async function textOf(file: string, io: Io): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of file === '-' ? io.stdin : createReadStream(file)) {
      length += piece.length;
      if (length > LONGEST_LIST)
        throw new RiposteError(EX.DATAERR, `${printable(file)} is longer than ${LONGEST_LIST >> 20} MB`);
      pieces.push(piece);
    }
  } catch (error) {
    throw error instanceof RiposteError ? error : fileError('read', file, error);
  }
  return Buffer.concat(pieces).toString();
}

function heldIsFailure(result: RecordedResult): RecordedResult {
  return result.outcome.word === 'held' ? { ...result, exitCode: EX.DATAERR } : result;
}
