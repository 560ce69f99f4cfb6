import { scriptOf } from '../home.ts';
import { endBlock, endOf, readEntries } from '../ledger.ts';
import { reconcileContext } from '../reconcile-context.ts';
import { record } from '../record/record.ts';
import { failure, type RecordedResult, type Result } from '../record/result.ts';
import type { ResponseContext } from '../request-context.ts';
import { applyRepairs, type Repair } from '../sweep/apply-repairs.ts';
import { requestOf } from './act.ts';

/**
 * Ends and records many blocks of one response for an operator. First ends all of them in the ledger, so that no
 * other process restores one, then removes them from the backends together. Skips addresses that are not blocked.
 *
 * @param addresses as in the ledger
 */
export function release(
  addresses: readonly string[],
  context: ResponseContext,
  note?: string,
): RecordedResult[] {
  const { home, response, dryRun } = context;
  const results: Result[] = [];
  const repairs: Repair[] = [];
  for (const address of addresses) {
    try {
      const { current: block } = readEntries(home, response.name, address);
      let kept = '';
      const onKept = ({ message }: Error) => {
        kept = `; not recorded: ${message}`;
      };
      if (!block || !(dryRun || endBlock(home, response.name, address, onKept))) continue;
      const reason = `${endOf(home, block)}${kept}`;
      const outcome = { word: 'unblocked', reason, address, block } as const;
      repairs.push({ address, before: block, wanted: undefined, outcome });
    } catch (error) {
      results.push(failure(requestOf('delete', address), error));
    }
  }
  results.push(...applyRepairs(repairs, reconcileContext(context), 'operator'));
  const noted = results.map((result) => ({ ...result, request: { ...result.request, note } }));
  const unwritten = dryRun ? [] : record(home, response.name, scriptOf(home, response.name), noted);
  return noted.map((result) => ({ ...result, unwritten }));
}
