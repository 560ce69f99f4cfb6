import { scriptOf } from '../../active-response/home.ts';
import { repeatedContext } from '../../active-response/kept-listing.ts';
import type { Block } from '../../active-response/ledger.ts';
import { readIndexedLedger } from '../../active-response/ledger-index.ts';
import type { ReconcileContext } from '../../active-response/reconcile-context.ts';
import { describeOutcome } from '../../active-response/record/outcome.ts';
import { record } from '../../active-response/record/record.ts';
import type { ResponseContext } from '../../active-response/request-context.ts';
import { recordKept } from '../../active-response/sweep/record-kept.ts';
import { sweep } from '../../active-response/sweep/sweep.ts';
import { attempt, RiposteError } from '../../base/errors.ts';

/**
 * Ends the expired blocks of one response, restores its lost blocks, and reports each change.
 *
 * @param at the time when the sweep was requested, in milliseconds since 1970. Blocks that were made later may not be
 * in force yet.
 * @returns the blocks that the sweep found in the ledger
 */
export function sweepAndReport(
  context: ResponseContext,
  say: (text: string) => void,
  at?: number,
): readonly Block[] {
  const begin = performance.now();
  let blocks: readonly Block[] = [];
  const reconciling: ReconcileContext = {
    ...repeatedContext(context),
    at,
    readLedger(...where) {
      const ledger = readIndexedLedger(...where);
      blocks = ledger.blocks;
      return ledger;
    },
  };
  const { home, response } = context;
  const error = attempt(() => recordKept(home));
  if (error instanceof RiposteError) say(error.message);
  const swept = sweep(context, reconciling).filter(({ isKnown }) => !isKnown);
  for (const { outcome } of swept) say(describeOutcome(response.name, outcome));
  const script = scriptOf(home, response.name);
  const source = { spent: performance.now() - begin };
  for (const { message } of record(home, response.name, script, swept, source)) say(message);
  return blocks;
}
