import { EX, RiposteError } from '../../base/errors.ts';
import { CONTENT, isDocument } from './content.ts';
import type { Indexer } from './indexer.ts';
import type { Document } from './pack.ts';
import type { Json } from './yaml.ts';

/** The lists that a promotion must contain. */
const LISTS = ['policy', 'integrations', 'kvdbs', 'decoders', 'filters', 'rules'] as const;

type Changes = Readonly<Record<(typeof LISTS)[number], readonly Json[]>>;

/** The spaces from which content is promoted: draft to test, test to custom. */
export type Source = 'draft' | 'test';

async function pendingIn(indexer: Indexer, space: Source): Promise<Changes> {
  const { changes } = await indexer.send('GET', `${CONTENT}/promote?space=${space}`);
  const lists = isDocument(changes) ? changes : {};
  return Object.fromEntries(LISTS.map((list) => [list, listOf(lists[list])])) as Changes;
}

const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);

/**
 * Refuses when other people's content is not promoted yet: promoting the policy would copy that content's entry in the
 * policy, but not the content.
 *
 * @param own ids of Riposte's resources
 * @throws RiposteError (TEMPFAIL)
 */
export async function demandNothingElsePending(
  indexer: Indexer,
  space: Source,
  own: ReadonlySet<string>,
): Promise<void> {
  const { policy: _, ...lists } = await pendingIn(indexer, space);
  const foreign = Object.entries(lists).flatMap(([list, items]) =>
    items.filter((item) => isDocument(item) && !own.has(String(item.id))).map(() => list),
  );
  if (foreign.length === 0) return;
  throw new RiposteError(
    EX.TEMPFAIL,
    `the ${space} space of ${indexer.host} has ${foreign.length} unpromoted changes by other people (${[...new Set(foreign)].join(', ')}): promote or discard them, then run this again; nothing was changed`,
  );
}

/** True when content of Riposte waits to be promoted from a space. */
export async function isOwnPending(
  indexer: Indexer,
  space: Source,
  own: ReadonlySet<string>,
): Promise<boolean> {
  const { policy: _, ...lists } = await pendingIn(indexer, space);
  return Object.values(lists).some((items) =>
    items.some((item) => isDocument(item) && own.has(String(item.id))),
  );
}

/** Promotes the changes that wait in a space. @returns false when nothing waits */
export async function promote(indexer: Indexer, space: Source): Promise<boolean> {
  const changes = await pendingIn(indexer, space);
  if (LISTS.every((list) => changes[list].length === 0)) return false;
  await indexer.send('POST', `${CONTENT}/promote`, { space, changes } as unknown as Document);
  return true;
}
