import { type Address, checkTarget } from '../../../base/address.ts';
import { attempt, EX, type ExitCode, RiposteError } from '../../../base/errors.ts';
import { type Block, knownEntries } from '../../ledger.ts';
import { readIndexedLedger } from '../../ledger-index.ts';
import { isImported, isListedBy } from '../../lists.ts';
import type { RecordedResult } from '../../record/result.ts';
import type { ResponseContext } from '../../request-context.ts';
import { partByPart, requestOf } from './in-parts.ts';
import type { List, ListEntry } from './read-list.ts';

/** The options of an import. */
export interface ListImport {
  /** The list's name in the ledger. */
  readonly origin: string;
  /** Seconds for entries without a time of their own; infinite: for ever; undefined: as BLOCK_FOR says. */
  readonly seconds?: number | undefined;
  /** The reason for entries without a reason of their own. */
  readonly note?: string | undefined;
  /** True when addresses that the list no longer names are released. */
  readonly isWhole: boolean;
  /** True when a list without any address is accepted. */
  readonly mayBeEmpty: boolean;
  /** MAX_IMPORTED. */
  readonly most: number;
  /** The time from which the seconds count, in milliseconds since 1970; absent: now. */
  readonly at?: number | undefined;
}

/** A line of a list that was not carried out. */
export interface Remark {
  /** The number of the line; undefined for an address that was to be released. */
  readonly line: number | undefined;
  readonly text: string;
}

/** The result of an import. */
export interface Imported {
  readonly blocked: number;
  /** The number of addresses that were already blocked for this list. */
  readonly already: number;
  readonly released: number;
  /** Lines about addresses that are never blocked. */
  readonly held: readonly Remark[];
  /** Lines that are wrong, and blocks and releases that failed. */
  readonly failed: readonly Remark[];
  /** The number of addresses beyond MAX_IMPORTED, which are not blocked. */
  readonly beyond: number;
  /** OK, or the code of the first failure. */
  readonly exitCode: ExitCode;
  /** The errors of writing log or journal. */
  readonly unwritten: readonly RiposteError[];
}

/**
 * Blocks the addresses of a list through the same code as all requests, in batches. Releases the addresses that the
 * list no longer names. One wrong line does not stop the others.
 *
 * @throws RiposteError (DATAERR) when the list names no address; this function has then changed nothing
 */
export async function importList(list: List, context: ResponseContext, how: ListImport): Promise<Imported> {
  const { origin, isWhole, mayBeEmpty, most, at: now = Date.now() } = how;
  const began = performance.now() - (Date.now() - now); // by a monotonic clock
  if (list.entries.length === 0 && !mayBeEmpty) throw emptyError(list);
  const { home, response, settings } = context;
  const ledger = readIndexedLedger(home, response.name);
  const { blocks } = ledger;
  const known = knownEntries(home, response.name, ledger);
  const inLedger = new Map(blocks.map((block) => [block.address, block]));
  const listed = blocks.filter((block) => isListedBy(origin, block));
  const named = new Set(list.entries.map(({ address }) => address.text));
  const gone = isWhole ? listed.filter(({ address }) => !named.has(address)) : [];
  const [mayBeBlocked, never] = apart(list);
  let room = most - blocks.filter(isImported).length + gone.filter(isImported).length;
  const taken = mayBeBlocked.filter(({ address }) => inLedger.has(address.text) || room-- > 0);
  const beyond = mayBeBlocked.length - taken.length;
  const isUnchanged = ({ address, seconds = how.seconds ?? settings.blockFor[0] }: ListEntry) => {
    const block = inLedger.get(address.text);
    return isListedBy(origin, block) && !block?.failed && isSameEnd(block?.origins?.[origin], seconds, now);
  };
  const changed = taken.filter((entry) => !isUnchanged(entry));
  const unchanged = taken.length - changed.length;
  // Importing a long list takes a while. Times count from the start of the import, so that entries end when the list
  // says and the next import finds them unchanged.
  const left = (seconds: number) => Math.max(1, seconds - (performance.now() - began) / 1000);
  const add = ({ address, seconds, note }: ListEntry) =>
    requestOf('add', address.text, origin, {
      blockFor: seconds === undefined ? how.seconds : left(seconds),
      note: note ?? how.note,
    });
  const sum = new Sum();
  for await (const part of partByPart(changed, add, context, known))
    for (const { item, result } of part) sum.take(result, item.line);
  const blocked = sum.of('blocked') + sum.of('spooled');
  const isAccepted = unchanged + blocked + sum.of('already') > 0;
  if (!isAccepted && gone.length > 0 && !mayBeEmpty) throw emptyError(list);
  const already = unchanged + sum.of('already');
  const ended = new Sum();
  const end = ({ address }: Block) => requestOf('delete', address, origin);
  for await (const part of partByPart(gone, end, context, known))
    for (const { result } of part) ended.take(result, undefined);
  const isWrong = list.wrong.length > 0 || beyond > 0;
  return {
    blocked,
    already,
    released: ended.of('unblocked') + ended.of('spooled') + ended.of('kept'),
    held: [...never, ...sum.held],
    failed: [...list.wrong.map(({ line, why }) => ({ line, text: why })), ...sum.failed, ...ended.failed],
    beyond,
    exitCode: sum.exitCode ?? ended.exitCode ?? (isWrong ? EX.DATAERR : EX.OK),
    unwritten: [...sum.unwritten, ...ended.unwritten],
  };
}

/** Counts results, and keeps the reasons of changes that were not made. */
class Sum {
  readonly held: Remark[] = [];
  readonly failed: Remark[] = [];
  readonly unwritten = new Set<RiposteError>();
  /** The code of the first failure. */
  exitCode: ExitCode | undefined;
  readonly #words = new Map<string, number>();

  /** @param line of the list */
  take({ outcome: { word, reason }, exitCode, unwritten }: RecordedResult, line: number | undefined): void {
    this.#words.set(word, this.of(word) + 1);
    for (const error of unwritten) this.unwritten.add(error);
    if (exitCode !== EX.OK) {
      this.failed.push({ line, text: reason });
      this.exitCode ??= exitCode;
    } else if (word === 'held') this.held.push({ line, text: reason });
  }

  /** The number of results with this word. */
  of(word: string): number {
    return this.#words.get(word) ?? 0;
  }
}

/**
 * If the end of an entry differs from the end in the ledger by no more than this, the entry is unchanged. In
 * milliseconds, and as a share of the entry's time: a LAPI rounds the remaining time, and takes a while to list many
 * decisions.
 */
const TOLERANCE = { milliseconds: 2_000, share: 1 / 500 };

/** True when `until`, the end in the ledger, is about `seconds` from now. Undefined `seconds` mean no end. */
function isSameEnd(until: string | null | undefined, seconds: number | undefined, now: number): boolean {
  const isForever = seconds === undefined || !Number.isFinite(seconds);
  if (until === null || until === undefined || isForever) return until === null && isForever;
  const wanted = seconds * 1000;
  const tolerance = Math.max(TOLERANCE.milliseconds, wanted * TOLERANCE.share);
  return Math.abs(Date.parse(until) - now - wanted) <= tolerance;
}

/** The entries that may be blocked, and the entries that are too wide or not a host. */
function apart(list: List): [List['entries'], Remark[]] {
  const never: Remark[] = [];
  const others = list.entries.filter(({ address, line }) => {
    const target = attempt((): Address => checkTarget(address));
    if (!(target instanceof RiposteError)) return true;
    never.push({ line, text: `${target.message}, so Riposte never blocks it` });
    return false;
  });
  return [others, never];
}

function emptyError({ wrong }: List): RiposteError {
  const [first] = wrong;
  const why = first === undefined ? '' : `; line ${first.line}: ${first.why}`;
  const message = `the list names no address that may be blocked${why}; nothing was changed; --allow-empty accepts such a list`;
  return new RiposteError(EX.DATAERR, message);
}
