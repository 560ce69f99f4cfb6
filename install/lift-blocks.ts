import type { Home } from '../active-response/home.ts';
import { type Block, blockedAddresses, readBlock, writeBlock } from '../active-response/ledger.ts';
import { operatorContexts } from '../active-response/operator/operator-context.ts';
import { release } from '../active-response/operator/release.ts';
import type { Result } from '../active-response/record/result.ts';
import type { ResponseContext } from '../active-response/request-context.ts';
import { RESPONSES } from '../active-response/response/responses.ts';
import { takeOutStrays } from '../active-response/sweep/sweep.ts';
import { EX } from '../base/errors.ts';
import type { Io } from '../base/io.ts';

/** The number of blocked addresses, in all responses. */
export const countBlocks = (home: Home): number =>
  RESPONSES.reduce((sum, { name }) => sum + blockedAddresses(home, name).length, 0);

/**
 * Unblocks all addresses, even if their time is not over. Addresses that cannot be unblocked stay in the ledger.
 *
 * @returns the errors
 */
export function liftBlocks(home: Home, io: Io): string[] {
  return operatorContexts(RESPONSES, home, io, false).flatMap(unblockAll);
}

/**
 * Removes blocks that are no longer in the ledger: an uninstall may have been killed after it changed the ledger and
 * before it changed the backends.
 *
 * @returns the errors
 */
export function liftStrays(home: Home, io: Io): string[] {
  return operatorContexts(RESPONSES, home, io, false).flatMap((context) =>
    takeOutStrays(context)
      .filter(({ exitCode }) => exitCode !== EX.OK)
      .map((swept) => wordsOf(context.response.name, swept)),
  );
}

function unblockAll(context: ResponseContext): string[] {
  const { home, response } = context;
  const addresses = blockedAddresses(home, response.name);
  const blocks = new Map(addresses.map((address) => [address, blockOf(context, address)]));
  const results = release(addresses, context, 'Riposte is being uninstalled');
  const failed = results.filter(({ exitCode }) => exitCode !== EX.OK);
  for (const { request } of failed) putBack(context, blocks.get(request.address ?? ''));
  const [{ unwritten = [] } = {}] = results;
  return [
    ...failed.map((result) => wordsOf(response.name, result)),
    ...unwritten.map(({ message }) => message),
  ];
}

/** Undefined for a damaged entry, which `release` reports. */
function blockOf({ home, response }: ResponseContext, address: string): Block | undefined {
  try {
    return readBlock(home, response.name, address);
  } catch {
    return undefined;
  }
}

/**
 * Restores the ledger entry of a block that is still in the kernel, for the next attempt. `release` removed the entry
 * first.
 */
function putBack({ home, response }: ResponseContext, block: Block | undefined): void {
  if (block && readBlock(home, response.name, block.address) === undefined) writeBlock(home, block);
}

const wordsOf = (response: string, { request, outcome }: Result): string =>
  [response, request.address ?? [], outcome.reason].flat().join(': ');
