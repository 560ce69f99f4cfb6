import { type Block, knownEntries } from '../../ledger.ts';
import { readIndexedLedger } from '../../ledger-index.ts';
import { isListedBy } from '../../lists.ts';
import type { RecordedResult } from '../../record/result.ts';
import type { ResponseContext } from '../../request-context.ts';
import { partByPart, requestOf } from './in-parts.ts';

/**
 * Ends the blocks that a list or a program asks for in one response, in batches. A block stays if it has another
 * reason, too.
 *
 * @param addresses the addresses to release, in canonical form; absent: all
 * @throws RiposteError (IOERR, NOPERM) when the ledger cannot be read
 */
export async function releaseOrigin(
  origin: string,
  context: ResponseContext,
  addresses?: ReadonlySet<string>,
): Promise<RecordedResult[]> {
  const { home, response } = context;
  const ledger = readIndexedLedger(home, response.name);
  const known = knownEntries(home, response.name, ledger);
  const listed = ledger.blocks.filter(
    (block) => isListedBy(origin, block) && addresses?.has(block.address) !== false,
  );
  const results: RecordedResult[] = [];
  const end = ({ address }: Block) => requestOf('delete', address, origin);
  for await (const part of partByPart(listed, end, context, known))
    for (const { result } of part) results.push(result);
  return results;
}
