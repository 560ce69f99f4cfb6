import { EX } from '../../../base/errors.ts';
import { handleRequests } from '../../handle-requests.ts';
import { scriptOf } from '../../home.ts';
import type { KnownEntries } from '../../ledger.ts';
import type { Request } from '../../protocol/request.ts';
import type { RecordedResult } from '../../record/result.ts';
import type { ResponseContext } from '../../request-context.ts';

/**
 * The maximum number of addresses in a batch. A larger batch takes longer, so other processes may change more of its
 * entries meanwhile.
 */
const TOGETHER = 2_000;

/** The items of a batch with their results, in the same order. */
type Part<T> = { readonly item: T; readonly result: RecordedResult }[];

/**
 * Handles the requests of a list in batches, through the code that handles all requests: the results of 100,000
 * addresses together would take hundreds of megabytes. Begins each batch while the disk still writes the previous
 * batch. Yields the results of each batch, in the order of the items.
 *
 * @param requestFor makes the request for an item
 * @param known returns the entries of a ledger that has just been read
 */
export async function* partByPart<T>(
  items: readonly T[],
  requestFor: (item: T) => Request,
  context: ResponseContext,
  known: KnownEntries,
): AsyncGenerator<Part<T>> {
  let before: Promise<Part<T>> | undefined;
  let part: Promise<Part<T>> | undefined;
  try {
    for (let at = 0; at < items.length; at += TOGETHER) {
      part = handled(items.slice(at, at + TOGETHER), requestFor, context, known);
      part.catch(() => {}); // the loop or `finally` awaits it
      if (before) yield await before;
      before = part;
    }
    if (before) yield await before;
  } finally {
    await Promise.allSettled([part]); // so that an error of the previous batch is thrown only after the last change
  }
}

async function handled<T>(
  items: readonly T[],
  requestFor: (item: T) => Request,
  context: ResponseContext,
  known: KnownEntries,
): Promise<Part<T>> {
  const results = await handleRequests(
    items.map(requestFor),
    {
      ...context,
      script: scriptOf(context.home, context.response.name),
      // A list is imported again and again, so the journal gets no event for entries that are unchanged, or that are
      // refused each time.
      isRecorded: ({ outcome: { word }, exitCode }) =>
        word !== 'already' && word !== 'held' && exitCode !== EX.CONFIG,
    },
    known,
  );
  return results.map((result, index) => ({ item: items[index] as T, result }));
}

/** A request of a list, or for a program. */
export const requestOf = (
  command: Request['command'],
  address: string,
  origin: string,
  more: Partial<Request> = {},
): Request => ({ source: 'list', command, address, origin, extraArguments: [], timeout: 0, ...more });
