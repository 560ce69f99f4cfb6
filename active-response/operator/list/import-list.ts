import { type Address, parseTarget } from '../../../base/address.ts';
import { attempt, EX, type ExitCode, RiposteError } from '../../../base/errors.ts';
import { readIndexedLedger } from '../../ledger-index.ts';
import { isImported, isListedBy } from '../../lists.ts';
import { isBlock } from '../../record/outcome.ts';
import type { RecordedResult } from '../../record/result.ts';
import type { ResponseContext } from '../../request-context.ts';
import { inParts, requestOf } from './in-parts.ts';
import type { List, ListEntry } from './read-list.ts';

/** How to import a list. */
export interface ListImport {
  /** The list's name in the ledger. */
  readonly origin: string;
  /** Seconds for entries without a time of their own; infinite for ever; undefined: as BLOCK_FOR says. */
  readonly seconds?: number | undefined;
  /** The reason for entries without one. */
  readonly note?: string | undefined;
  /** True when addresses that the list no longer names are released. */
  readonly isWhole: boolean;
  /** True when a list without any address is accepted. */
  readonly mayBeEmpty: boolean;
  /** MAX_IMPORTED. */
  readonly most: number;
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
  /** Addresses that were blocked for this list before. */
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
 * Blocks the addresses of a list on the path of all requests, in batches, and releases the addresses that it no longer
 * names. One wrong line does not stop the others.
 *
 * @throws RiposteError (DATAERR) when the list names no address, and then nothing was changed
 */
export async function importList(list: List, context: ResponseContext, how: ListImport): Promise<Imported> {
  const { origin, isWhole, mayBeEmpty, most } = how;
  if (list.entries.length === 0 && !mayBeEmpty) throw emptyError(list);
  const { home, response, settings } = context;
  const { blocks } = readIndexedLedger(home, response.name);
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
    const isForever = isListedBy(origin, block) && block?.origins?.[origin] === null && !block.failed;
    return isForever && !Number.isFinite(seconds ?? Number.POSITIVE_INFINITY);
  };
  const unchanged = taken.filter(isUnchanged).length;
  const changed = taken.filter((entry) => !isUnchanged(entry));
  const adds = changed.map(({ address, seconds, note }) =>
    requestOf('add', address.text, origin, { blockFor: seconds ?? how.seconds, note: note ?? how.note }),
  );
  const added = await inParts(adds, context);
  const isAccepted =
    unchanged > 0 || added.some(({ outcome }) => isBlock(outcome) || outcome.word === 'already');
  if (!isAccepted && gone.length > 0 && !mayBeEmpty) throw emptyError(list);
  const ended = await inParts(
    gone.map(({ address }) => requestOf('delete', address, origin)),
    context,
  );
  const lines = new Map(added.map((result, index) => [result, changed[index]?.line]));
  const held = added.filter(({ outcome }) => outcome.word === 'held');
  const all = [...added, ...ended];
  const failed = all.filter(({ exitCode }) => exitCode !== EX.OK);
  const remark = (result: RecordedResult) => ({ line: lines.get(result), text: result.outcome.reason });
  const isWrong = list.wrong.length > 0 || beyond > 0;
  return {
    blocked: added.filter(({ outcome }) => isBlock(outcome)).length,
    already: unchanged + count(added, 'already'),
    released: count(ended, 'unblocked') + count(ended, 'spooled') + count(ended, 'kept'),
    held: [...never, ...held.map(remark)],
    failed: [...list.wrong.map(({ line, why }) => ({ line, text: why })), ...failed.map(remark)],
    beyond,
    exitCode: failed[0]?.exitCode ?? (isWrong ? EX.DATAERR : EX.OK),
    unwritten: [...new Set(all.flatMap(({ unwritten }) => unwritten))],
  };
}

/** The entries that may be blocked, and the entries that are too wide or no host. */
function apart(list: List): [List['entries'], Remark[]] {
  const never: Remark[] = [];
  const others = list.entries.filter(({ address, line }) => {
    const target = attempt((): Address => parseTarget(address.text));
    if (!(target instanceof RiposteError)) return true;
    never.push({ line, text: `${target.message}: never blocked` });
    return false;
  });
  return [others, never];
}

const count = (results: readonly RecordedResult[], word: string): number =>
  results.filter(({ outcome }) => outcome.word === word).length;

function emptyError({ wrong }: List): RiposteError {
  const [first] = wrong;
  const why = first === undefined ? '' : `; line ${first.line}: ${first.why}`;
  const message = `the list names no address that may be blocked${why}: nothing was changed; --allow-empty accepts it`;
  return new RiposteError(EX.DATAERR, message);
}
