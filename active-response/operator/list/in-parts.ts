import { EX } from '../../../base/errors.ts';
import { handleRequests } from '../../handle-requests.ts';
import { scriptOf } from '../../home.ts';
import type { KnownEntries } from '../../ledger.ts';
import type { Request } from '../../protocol/request.ts';
import type { RecordedResult } from '../../record/result.ts';
import type { ResponseContext } from '../../request-context.ts';

/** The number of addresses in a batch. It is limited, because another process may change the same entries meanwhile. */
const TOGETHER = 4_000;

/**
 * Handles the requests of a list on the path of all requests, in batches. Yields the results of each batch, in the same
 * order: together, those of 100,000 addresses would take hundreds of megabytes.
 *
 * @param requestFor makes the request for an item
 * @param known returns the entries of a ledger that has just been read
 */
export async function* partByPart<T>(
  items: readonly T[],
  requestFor: (item: T) => Request,
  context: ResponseContext,
  known: KnownEntries,
): AsyncGenerator<{ readonly item: T; readonly result: RecordedResult }[]> {
  for (let at = 0; at < items.length; at += TOGETHER) {
    const some = items.slice(at, at + TOGETHER);
    const results = await handleRequests(
      some.map(requestFor),
      {
        ...context,
        script: scriptOf(context.home, context.response.name),
        // A list is imported again and again, so entries that are unchanged, or refused each time, leave no event in the
        // journal.
        isRecorded: ({ outcome: { word }, exitCode }) =>
          word !== 'already' && word !== 'held' && exitCode !== EX.CONFIG,
      },
      known,
    );
    yield results.map((result, index) => ({ item: some[index] as T, result }));
  }
}

/** A request of a list, or for a program. */
export const requestOf = (
  command: Request['command'],
  address: string,
  origin: string,
  more: Partial<Request> = {},
): Request => ({ source: 'list', command, address, origin, extraArguments: [], timeout: 0, ...more });
