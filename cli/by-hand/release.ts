import { carryOut, type Work } from '../../active-response/carry-out.ts';
import type { Place } from '../../active-response/circumstances.ts';
import { endBlock, readBlock } from '../../active-response/ledger.ts';
import { settlingOf } from '../../active-response/respond.ts';
import { type Answer, failure, requestOf } from './act.ts';

/**
 * Ends many blocks of one response because a person says so. First all of them in the ledger, so that nothing
 * brings one back, then in the backends, in one go. Those that are blocked no longer are left out.
 *
 * @param addresses as the ledger has them
 */
export function release(addresses: readonly string[], place: Place, note?: string): Answer[] {
  const { home, response } = place;
  const settling = settlingOf(place);
  const failures: Answer[] = [];
  const works: Work[] = [];
  for (const address of addresses) {
    try {
      const block = readBlock(home, response.name, address);
      if (!block || !(settling.executor.dryRun || endBlock(home, response.name, address))) continue;
      const reason = `by ${block.backend}, since ${block.since}`;
      const outcome = { word: 'unblocked', reason, address, block } as const;
      works.push({ address, known: block, wanted: undefined, change: 'unblock', outcome });
    } catch (error) {
      failures.push(failure(requestOf('delete', address, { note }), error));
    }
  }
  const ended = carryOut(works, settling).map(({ request, outcome, exitCode }) => ({
    entry: { request: { ...request, note }, outcome },
    exitCode,
  }));
  return [...failures, ...ended];
}
