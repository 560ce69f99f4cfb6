import { parseAddress } from './address.ts';
import { carryOut, failure, type Swept, type Work } from './carry-out.ts';
import type { Place } from './circumstances.ts';
import type { Differences } from './compare.ts';
import { RiposteError } from './errors.ts';
import { readIfThere } from './files.ts';
import { protector } from './guard/guard.ts';
import { type Block, endBlock } from './ledger.ts';
import type { Outcome } from './outcome.ts';
import type { Settling } from './settle.ts';

/** What may be put back, and what was done about the rest. */
export interface Guarded extends Pick<Differences, 'missing' | 'failed'> {
  readonly released: readonly Swept[];
}

/**
 * Holds back what must not be blocked by now, whatever the ledger says: riposte.allow was edited, or this host
 * has another address or gateway. Such blocks end. Without an allow list that can be read nothing is put back.
 *
 * @param blocks all that are not over
 */
export function guarded(
  blocks: readonly Block[],
  { missing, failed }: Differences,
  place: Place,
  settling: Settling,
): Guarded {
  try {
    const reasons = reasonsFor(blocks, place, settling);
    const may = ({ address }: Block) => !reasons.has(address);
    return {
      missing: missing.filter(may),
      failed: failed.filter(may),
      released: releaseAll(blocks, reasons, settling),
    };
  } catch (error) {
    const isNeeded = missing.length + failed.length > 0;
    return { missing: [], failed: [], released: isNeeded ? [failure(error)] : [] };
  }
}

/** Why an address is never blocked, by address. @throws RiposteError (CONFIG) for a wrong allow list */
function reasonsFor(
  blocks: readonly Block[],
  { home, settings, env }: Place,
  { executor }: Settling,
): Map<string, string> {
  const { allowPrivate } = settings;
  const ossecConf = readIfThere(home.ossecConf);
  const why = protector({ home, env, allowPrivate, ossecConf, executor, byHand: 'on a terminal' });
  return new Map(
    blocks.flatMap(({ address: text }): [string, string][] => {
      const address = parsed(text);
      const reason = address && why(address);
      return reason === undefined ? [] : [[text, reason]];
    }),
  );
}

function releaseAll(
  blocks: readonly Block[],
  reasons: ReadonlyMap<string, string>,
  settling: Settling,
): Swept[] {
  const { home, response, executor } = settling;
  const works = blocks.flatMap((block): Work[] => {
    const { address } = block;
    const why = reasons.get(address);
    if (why === undefined || !(executor.dryRun || endBlock(home, response, address))) return [];
    const reason = `it is never blocked: ${why}`;
    const outcome: Outcome = { word: 'unblocked', reason, address, block };
    return [{ address, known: block, wanted: undefined, outcome, change: 'unblock' }];
  });
  return carryOut(works, settling);
}

/** Undefined for a file of another name in the ledger. */
function parsed(text: string) {
  try {
    return parseAddress(text);
  } catch (error) {
    if (error instanceof RiposteError) return undefined;
    throw error;
  }
}
