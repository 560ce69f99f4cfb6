import type { Block } from '../../active-response/ledger.ts';
import { hasEnded } from '../../active-response/ledger.ts';
import { readIndexedLedger } from '../../active-response/ledger-index.ts';
import { isList, isListedBy, withoutLists } from '../../active-response/lists.ts';
import type { JournalEvent } from '../../active-response/record/journal.ts';
import { eventInBytes } from '../../active-response/record/journal-event.ts';
import type { ResponseContext } from '../../active-response/request-context.ts';
import { addressesIn } from '../../base/address.ts';
import { newTally, readJournal } from '../history/read-journal.ts';
import type { Wanted } from '../history/wanted.ts';

/** An address or prefix to export. No field contains an attacker's text. */
export interface Exported {
  /** In canonical form. */
  readonly address: string;
  /** The beginning of the block, in ISO 8601 and UTC. */
  readonly since: string;
  /** The end of the block; null if it has no end. */
  readonly until: string | null;
  readonly rule?: string | undefined;
  readonly note?: string | undefined;
  /** A list that contains the address, or the program that asked for the block. */
  readonly origin?: string | undefined;
}

/** The lists to export, besides the blocks that were decided here: none, all, or only one. */
export type Lists = 'none' | 'all' | { readonly only: string };

/**
 * The addresses that the ledgers hold now. An address that several responses block is listed once, with the latest end.
 *
 * @throws RiposteError (IOERR, NOPERM)
 */
export function fromLedgers(
  contexts: readonly ResponseContext[],
  lists: Lists,
  now = Date.now(),
): Exported[] {
  const wanted = (block: Block): Block | undefined => {
    if (lists === 'none') return withoutLists(block, now);
    return lists === 'all' || isListedBy(lists.only, block) ? block : undefined;
  };
  const blocks = contexts.flatMap(({ home, response }) => readIndexedLedger(home, response.name).blocks);
  const only = typeof lists === 'object' ? lists.only : undefined;
  return merged(
    blocks.flatMap((block) => {
      const part = wanted(block);
      if (!part || hasEnded(part, now)) return [];
      const { address, since, until, rule, note, origins = {} } = part;
      return [{ address, since, until, rule, note, origin: only ?? Object.keys(origins)[0] }];
    }),
  );
}

/**
 * Returns the addresses that this host itself decided to block, each with its last block in the journal.
 *
 * @throws RiposteError (IOERR) naming the file that cannot be read
 */
export async function fromJournal(files: readonly string[], wanted: Wanted): Promise<Exported[]> {
  const last = new Map<string, Exported>();
  for await (const events of readJournal(files, wanted, newTally(), eventInBytes))
    for (const event of events) {
      const exported = exportedOf(event);
      if (exported) last.set(exported.address, exported);
    }
  return merged([...last.values()]);
}

function exportedOf({ event, address, origin, time, until, rule, note }: JournalEvent): Exported | undefined {
  if (event !== 'blocked' || (origin !== undefined && isList(origin))) return undefined;
  const [parsed] = addressesIn(address);
  return parsed && { address: parsed.text, since: time, until: until ?? null, rule, note, origin };
}

/** Keeps for each address the block that ends last, and sorts the blocks by their beginnings. */
function merged(all: readonly Exported[]): Exported[] {
  const found = new Map<string, Exported>();
  for (const each of all) {
    const before = found.get(each.address);
    const isLonger = before && before.until !== null && (each.until === null || each.until > before.until);
    if (!before || isLonger) found.set(each.address, each);
  }
  return [...found.values()].sort((a, b) => (a.since < b.since ? -1 : a.since > b.since ? 1 : 0));
}
