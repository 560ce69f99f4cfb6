import { parseAddress } from '../../base/address.ts';
import { attempt, RiposteError } from '../../base/errors.ts';
import { holdsPrivate, protector, type Surroundings } from '../guard/guard.ts';
import { type Block, endBlock } from '../ledger.ts';
import { readOssecConf } from '../ossec-conf.ts';
import type { ReconcileContext } from '../reconcile-context.ts';
import type { Outcome } from '../record/outcome.ts';
import type { Result } from '../record/result.ts';
import type { ResponseContext } from '../request-context.ts';
import { applyRepairs, type Repair, repairFailure } from './apply-repairs.ts';
import type { Differences } from './compare.ts';

/** The blocks that may be restored, and the results of releasing the other blocks. */
export interface Guarded extends Pick<Differences, 'missing' | 'failed'> {
  readonly released: readonly Result[];
}

/**
 * Releases addresses that must no longer be blocked, although the ledger holds them: an administrator edited
 * riposte.allow, or this host has a new address or gateway. If the allow list cannot be read, restores nothing.
 *
 * @param blocks all blocks whose time is not over
 */
export function guarded(
  blocks: readonly Block[],
  { missing, failed }: Differences,
  context: ResponseContext,
  reconciling: ReconcileContext,
): Guarded {
  try {
    const reasons = reasonsFor(blocks, context, reconciling);
    const may = ({ address }: Block) => !reasons.has(address);
    return {
      missing: missing.filter(may),
      failed: failed.filter(may),
      released: releaseAll(blocks, reasons, reconciling),
    };
  } catch (error) {
    const isNeeded = missing.length + failed.length > 0;
    return { missing: [], failed: [], released: isNeeded ? [repairFailure(error)] : [] };
  }
}

/** The reasons why addresses are never blocked. @throws RiposteError (CONFIG) for a wrong allow list */
function reasonsFor(
  blocks: readonly Block[],
  { home, settings, env, response }: ResponseContext,
  { executor, protectorOfMany = ofTexts }: ReconcileContext,
): Map<string, string> {
  const ossecConf = readOssecConf(home);
  const why = protectorOfMany({
    allowList: home.allowList,
    env,
    allowPrivate: holdsPrivate(settings),
    ossecConf,
    executor,
    byHand: 'on a terminal',
  });
  const reasons = new Map<string, string>();
  for (const { address } of blocks) {
    const reason = why(response.itemOf?.(address) ?? address);
    if (reason !== undefined) reasons.set(address, reason);
  }
  return reasons;
}

/** The check for texts. It returns undefined for the name of a file that is not an address. */
function ofTexts(surroundings: Surroundings): (text: string) => string | undefined {
  const why = protector(surroundings);
  return (text) => {
    const address = attempt(() => parseAddress(text));
    return address instanceof RiposteError ? undefined : why(address);
  };
}

function releaseAll(
  blocks: readonly Block[],
  reasons: ReadonlyMap<string, string>,
  context: ReconcileContext,
): Result[] {
  const { home, response, executor } = context;
  const repairs = blocks.flatMap((block): Repair[] => {
    const { address } = block;
    const why = reasons.get(address);
    if (why === undefined || !(executor.dryRun || attempt(() => endBlock(home, response, address))))
      return [];
    const reason = `Riposte never blocks it: ${why}`;
    const outcome: Outcome = { word: 'unblocked', reason, address, block };
    return [{ address, before: block, wanted: undefined, outcome }];
  });
  return applyRepairs(repairs, context);
}
