import { readOnce } from '../base/read-once.ts';
import { sharedGuard } from './guard/shared-guard.ts';
import { closeRequests, type OpenRequest, openRequest, withReply } from './handle-request.ts';
import { inBatches } from './in-batches.ts';
import type { KnownEntries } from './ledger.ts';
import type { Request } from './protocol/request.ts';
import { reconcileContext } from './reconcile-context.ts';
import type { RecordedResult } from './record/result.ts';
import type { RequestContext, Response } from './request-context.ts';
import { writeTogether } from './write-together.ts';

/**
 * Handles many requests to one response, as `handleRequest` does with one: decides about all, writes the ledger, then
 * changes each backend once, and records all in one write. A failing request does not stop the others.
 *
 * @param requests that need no manager's reply
 * @param known returns ledger entries that need not be read before a decision; if the entries have changed, the
 * decision is made anew
 * @returns the outcome of each request, in the same order
 */
export async function handleRequests(
  requests: readonly Request[],
  { response, ...rest }: RequestContext,
  known?: KnownEntries,
): Promise<RecordedResult[]> {
  const context: RequestContext = { ...rest, response: choosingOnce(response) };
  const reconciling = { ...reconcileContext(context), writeTogether };
  const guard = sharedGuard();
  const read = readOnce();
  const open = (request: Request, entries?: KnownEntries): OpenRequest =>
    withReply(openRequest(request, context, reconciling, guard, read, entries), 'continue');
  const results: RecordedResult[] = [];
  const opened = requests.map((request, index) => ({ index, request: open(request, known) }));
  for (const [round, batch] of inBatches(opened).entries()) {
    // A later request about the same address is decided after the earlier one has changed the ledger.
    const some = batch.map(({ request }) => (round === 0 ? request : open(request.request)));
    const ended = await closeRequests(some);
    for (const [at, { index }] of batch.entries()) results[index] = ended[at] as RecordedResult;
  }
  return results;
}

/** The same response, but it looks for its backend only once, because each search reads the directories of PATH. */
function choosingOnce(response: Response): Response {
  let chosen: string | undefined;
  return {
    ...response,
    choose(...where) {
      chosen ??= response.choose(...where);
      return chosen;
    },
  };
}
