import { EX, RiposteError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import type { Indexer } from './indexer.ts';
import { AUTHOR, type Document, type Pack, type Resource } from './pack.ts';
import type { Json } from './yaml.ts';

/** The REST interface of Wazuh 5's content manager. */
export const CONTENT = '/_plugins/_content_manager';

/** The spaces to which content is promoted in turn. */
export const SPACES = ['draft', 'test', 'custom'] as const;

export type Kind = 'integrations' | 'decoders' | 'rules';

/** A resource in the draft space. */
export interface Stored {
  readonly id: string;
  readonly document: Document;
}

/** The part of the pack that is in an indexer. */
export interface Content {
  /** The policy of the draft space. */
  readonly policy: Document;
  readonly integration: Stored | undefined;
  /** Riposte's decoders and rules in the draft space. */
  readonly decoders: readonly Stored[];
  readonly rules: readonly Stored[];
  /** The ids of Riposte's resources in all spaces. */
  readonly ids: ReadonlySet<string>;
  /** Titles of rules and decoders in the integration that are not Riposte's. */
  readonly others: readonly string[];
}

/**
 * Reads the part of the pack that is in an indexer, by the integration's title and by the author.
 *
 * @throws RiposteError (CANTCREAT) when another author has an integration of that title, (UNAVAILABLE) when the indexer
 * is not one of Wazuh 5
 */
export async function findContent(indexer: Indexer, { integration: { metadata } }: Pack): Promise<Content> {
  const policies = await search(indexer, 'policies', { term: { 'space.name': 'draft' } });
  const policy = policies?.[0]?.document;
  if (policy === undefined)
    throw new RiposteError(
      EX.UNAVAILABLE,
      `${indexer.host} has no draft space of Wazuh's content manager: name an indexer of Wazuh 5`,
    );
  const integrations = await search(indexer, 'integrations', {
    term: { 'document.metadata.title': metadata.title },
  });
  const own = (integrations ?? []).filter(({ space }) => (SPACES as readonly string[]).includes(space));
  const other = own.find(({ document }) => authorOf(document) !== AUTHOR);
  if (other !== undefined)
    throw new RiposteError(
      EX.CANTCREAT,
      `${indexer.host} has an integration ${metadata.title} of ${printable(authorOf(other.document) || 'another author', 60)}: rename or remove it; nothing was changed`,
    );
  const listed = own.flatMap(({ document }) => [...idsIn(document.decoders), ...idsIn(document.rules)]);
  const [decoders, rules] = await Promise.all(
    (['decoders', 'rules'] as const).map((kind) => draftOnes(indexer, kind, listed)),
  );
  const inDraft = own.find(({ space }) => space === 'draft');
  const all = [...(decoders ?? []), ...(rules ?? [])];
  const isOurs = ({ document }: Stored) => authorOf(document) === AUTHOR;
  const foreign = all.filter((stored) => !isOurs(stored));
  const foreignIds = foreign.map(({ id }) => id);
  return {
    policy,
    integration: inDraft,
    decoders: (decoders ?? []).filter(isOurs),
    rules: (rules ?? []).filter(isOurs),
    ids: new Set([...own.map(({ id }) => id), ...listed].filter((id) => !foreignIds.includes(id))),
    others: foreign.map(({ document }) => titleOf(document)),
  };
}

/** The version of Riposte in the integration's documentation; undefined when there is none. */
export const versionOf = ({ integration }: Content): string | undefined =>
  /^Riposte (\S+)$/.exec(String(metadataOf(integration?.document ?? {}).documentation))?.[1];

export const metadataOf = ({ metadata }: Document): Document => (isDocument(metadata) ? metadata : {});

export const titleOf = (document: Document): string => printable(String(metadataOf(document).title), 100);

export const idsIn = (list: Json | undefined): string[] =>
  Array.isArray(list) ? list.filter((id: Json): id is string => typeof id === 'string') : [];

export const isDocument = (value: Json | undefined): value is Document =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The key that identifies a resource of the pack in an indexer: a decoder's name, a rule's title. */
export const keyOf = (document: Document | Resource): string =>
  typeof document.name === 'string' ? document.name : String(metadataOf(document).title);

const authorOf = (document: Document): string => String(metadataOf(document).author ?? '');

const draftOnes = (indexer: Indexer, kind: Kind, ids: readonly string[]) =>
  ids.length === 0
    ? []
    : search(indexer, kind, {
        bool: { must: [{ terms: { 'document.id': ids } }, { term: { 'space.name': 'draft' } }] },
      });

/** @returns undefined when the index does not exist */
async function search(
  indexer: Indexer,
  kind: Kind | 'policies',
  query: Json,
): Promise<(Stored & { readonly space: string })[] | undefined> {
  const path = `/wazuh-threatintel-${kind}/_search`;
  const found = await indexer.find('POST', path, { size: 1000, query });
  if (found === undefined) return undefined;
  return hitsIn(found).flatMap(({ source: { document, space } }) => {
    if (!isDocument(document)) return [];
    return [{ id: String(document.id), document, space: isDocument(space) ? String(space.name) : '' }];
  });
}

/** The hits of a search of OpenSearch. */
export function hitsIn(found: Document): { readonly id: string; readonly source: Document }[] {
  const { hits } = found;
  const list = isDocument(hits) && Array.isArray(hits.hits) ? hits.hits : [];
  return list.flatMap((hit: Json) =>
    isDocument(hit) && isDocument(hit._source) ? [{ id: String(hit._id), source: hit._source }] : [],
  );
}
