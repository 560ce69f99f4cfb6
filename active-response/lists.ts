import { type Block, hasEnded } from './ledger.ts';

/**
 * The end of a block for each list that names the block's address, and for each program that asks for the block: ISO
 * 8601 in UTC, or null for no end. A list's name has no colon; a program's name has one, such as `fail2ban:sshd`.
 */
export type Origins = Readonly<Record<string, string | null>>;

/** True for the name of a third party's list; false for a program of this host. */
export const isList = (origin: string): boolean => !origin.includes(':');

/** True for a block for which only third parties' lists ask. */
export const isImported = ({ origins, ownUntil }: Pick<Block, 'origins' | 'ownUntil'>): boolean =>
  origins !== undefined && ownUntil === undefined && Object.keys(origins).every(isList);

/** True when this list names the address, for any time. */
export const isListedBy = (origin: string, block: Pick<Block, 'origins'> | undefined): boolean =>
  Object.hasOwn(block?.origins ?? {}, origin);

/**
 * The lists that still name the address; undefined: none.
 *
 * @param now in milliseconds
 * @param isWanted selects the lists to return
 */
export function originsOf(
  block: Block | undefined,
  now: number,
  isWanted: (origin: string) => boolean = () => true,
): Origins | undefined {
  const left = Object.entries(block?.origins ?? {}).filter(
    ([origin, until]) => !isOver(until, now) && isWanted(origin),
  );
  return left.length === 0 ? undefined : Object.fromEntries(left);
}

/** The block that was decided here, without the lists; undefined if only lists ask for it, or its own time is over. */
export function ownPart(block: Block | undefined, now: number): Block | undefined {
  if (block?.origins === undefined) return block;
  const { origins, ownUntil, ...own } = block;
  return ownUntil === undefined || isOver(ownUntil, now) ? undefined : { ...own, until: ownUntil };
}

/**
 * The block without third parties' lists: the parts that were decided here, and those of programs of this host.
 * Undefined if only lists ask for it, or if the times of all these parts are over.
 */
export function withoutLists(block: Block | undefined, now: number): Block | undefined {
  const origins = originsOf(block, now, (origin) => !isList(origin));
  return block && ofParts(block, ownPart(block, now), origins);
}

/** The end that `riposte serve` or `scan` decided; undefined if they decided none, or if it has passed. */
export function serverEnd(block: Block | undefined, now: number): string | null | undefined {
  const { serverUntil } = block ?? {};
  return serverUntil === undefined || isOver(serverUntil, now) ? undefined : serverUntil;
}

/**
 * The part of a block that `serve` or `scan` decided. It stays when the manager deletes the block. Undefined: there is
 * none.
 */
export function serverPart(block: Block, now: number): Block | undefined {
  const until = serverEnd(block, now);
  const own = ownPart(block, now);
  if (until === undefined || !own || own.damaged !== undefined) return undefined;
  return withOrigins({ ...own, until, alert: undefined }, originsOf(block, now));
}

/** The block with these lists. It lasts until its own time and the times of all lists have ended. */
export const withOrigins = (own: Block, origins: Origins | undefined): Block =>
  origins
    ? { ...own, until: latest([own.until, ...Object.values(origins)]), origins, ownUntil: own.until }
    : own;

/**
 * The block with the part of `origin` copied from the block `from`. Undefined if the block has ended, is damaged, or
 * already has such a part, or if `from` has none.
 */
export function withPart(
  block: Block | undefined,
  origin: string,
  from: Block | undefined,
): Block | undefined {
  const until = from?.origins?.[origin];
  if (!block || block.damaged || until === undefined || isListedBy(origin, block)) return undefined;
  const now = Date.now();
  return ofParts(block, ownPart(block, now), { ...originsOf(block, now), [origin]: until });
}

/** A block for which only lists and other programs ask. */
export const importedBlock = (
  { address, response, backend, since, offence, note }: Block,
  origins: Origins,
): Block => ({
  address,
  response,
  backend,
  since,
  until: latest(Object.values(origins)),
  offence,
  note,
  origins,
});

/** The part of a block that remains without one list, or without its own part; undefined if nothing remains. */
export function without(block: Block, what: { readonly origin: string } | 'own'): Block | undefined {
  const now = Date.now();
  if (what === 'own') return ofParts(block, undefined, originsOf(block, now));
  return ofParts(
    block,
    ownPart(block, now),
    originsOf(block, now, (origin) => origin !== what.origin),
  );
}

/** The block that consists of these parts of `block`; undefined if it has none of them. */
const ofParts = (block: Block, own: Block | undefined, origins: Origins | undefined): Block | undefined =>
  own ? withOrigins(own, origins) : origins && importedBlock(block, origins);

const isOver = (until: string | null, now: number): boolean => hasEnded({ until }, now);

export function latest(ends: readonly (string | null)[]): string | null {
  return ends.reduce((last, end) => (last === null || end === null ? null : last > end ? last : end), '');
}
