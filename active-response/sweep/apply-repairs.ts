import { RiposteError } from '../../base/errors.ts';
import { applyChanges, type LedgerChange } from '../apply-changes.ts';
import { isImported } from '../lists.ts';
import type { Source } from '../protocol/request.ts';
import { asMade, type ReconcileContext } from '../reconcile-context.ts';
import { type Outcome, outcomeOf } from '../record/outcome.ts';
import { type Result, success } from '../record/result.ts';

/** A repair, and its outcome for the record. */
export interface Repair extends LedgerChange {
  /** Absent for a repair that needs no record. */
  readonly outcome?: Outcome;
}

/** Makes all repairs together. @param repairs of different addresses @param source the source of the requests */
export function applyRepairs(
  repairs: readonly Repair[],
  context: ReconcileContext,
  source: Source = 'sweep',
): Result[] {
  const failures = applyChanges(repairs, context);
  return repairs.flatMap(({ address, before, wanted, outcome }): Result[] => {
    const error = failures.get(address);
    if (error) {
      const isKnown = wanted !== undefined && before?.failed === error.message;
      return [{ ...repairFailure(error, address, source), isKnown }];
    }
    if (!outcome) return [];
    const { word, block } = outcome;
    const command = word === 'unblocked' ? 'delete' : 'add';
    const origin = block && isImported(block) ? Object.keys(block.origins ?? {}).join(',') : undefined;
    const request = { source, command, address, ruleId: block?.rule, alertId: block?.alert, origin } as const;
    return [success(request, asMade(outcome, context))];
  });
}

/** The result of a failed sweep, or of a failed repair of one address. @throws any error that is not a RiposteError */
export function repairFailure(error: unknown, address?: string, source: Source = 'sweep'): Result {
  if (!(error instanceof RiposteError)) throw error;
  const outcome: Outcome = { ...outcomeOf(error, address), word: 'failed' };
  return { request: { source, address }, outcome, exitCode: error.exitCode };
}
