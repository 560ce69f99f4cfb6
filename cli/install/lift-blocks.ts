import type { Place } from '../../active-response/circumstances.ts';
import { EX } from '../../active-response/errors.ts';
import type { Home } from '../../active-response/home.ts';
import { type Block, blockedAddresses, readBlock, writeBlock } from '../../active-response/ledger.ts';
import { record } from '../../active-response/record.ts';
import { RESPONSES } from '../../active-response/response/responses.ts';
import { takeOutStrays } from '../../active-response/sweep.ts';
import type { Answer } from '../by-hand/act.ts';
import { release } from '../by-hand/release.ts';
import { placesOf, scriptOf } from '../place.ts';
import type { Io } from '../verb.ts';

/** How many addresses are blocked, by all responses. */
export const countBlocks = (home: Home): number =>
  RESPONSES.reduce((sum, { name }) => sum + blockedAddresses(home, name).length, 0);

/**
 * Unblocks everybody, whatever the time they still have. Who could not be unblocked stays in the ledger.
 *
 * @returns why some could not be
 */
export function liftBlocks(home: Home, io: Io): string[] {
  return placesOf(RESPONSES, home, io, false).flatMap(liftAll);
}

/**
 * Takes out what the ledger does not hold any more: the ledger lets go first, and an uninstall may have been
 * killed before the backends did.
 *
 * @returns why some could not be taken out
 */
export function liftStrays(home: Home, io: Io): string[] {
  return placesOf(RESPONSES, home, io, false).flatMap((place) =>
    takeOutStrays(place)
      .filter(({ exitCode }) => exitCode !== EX.OK)
      .map((swept) => wordsOf(place.response.name, { entry: swept })),
  );
}

function liftAll(place: Place): string[] {
  const { home, response } = place;
  const addresses = blockedAddresses(home, response.name);
  const blocks = new Map(addresses.map((address) => [address, blockOf(place, address)]));
  const answers = release(addresses, place, 'Riposte is taken out');
  if (answers.length === 0) return [];
  const failed = answers.filter(({ exitCode }) => exitCode !== EX.OK);
  for (const { entry } of failed) putBack(place, blocks.get(entry.request.address ?? ''));
  const script = scriptOf(home, response.name);
  const unwritten = record(
    home,
    response.name,
    script,
    answers.map(({ entry }) => entry),
  );
  return [
    ...failed.map((answer) => wordsOf(response.name, answer)),
    ...unwritten.map(({ message }) => message),
  ];
}

/** Undefined for a damaged one, which `release` complains of. */
function blockOf({ home, response }: Place, address: string): Block | undefined {
  try {
    return readBlock(home, response.name, address);
  } catch {
    return undefined;
  }
}

/** The ledger lets go first; what the kernel still holds has to stand there again, for the next attempt. */
function putBack({ home, response }: Place, block: Block | undefined): void {
  if (block && readBlock(home, response.name, block.address) === undefined) writeBlock(home, block);
}

const wordsOf = (response: string, { entry: { request, outcome } }: Pick<Answer, 'entry'>): string =>
  `${response}: ${request.address}: ${outcome.reason}`;
