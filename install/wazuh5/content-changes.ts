import {
  CONTENT,
  type Content,
  idsIn,
  type Kind,
  keyOf,
  metadataOf,
  type Stored,
  titleOf,
} from './content.ts';
import { covers } from './covers.ts';
import { type Indexer, Yaml } from './indexer.ts';
import type { Document, Pack, Resource } from './pack.ts';
import { type Json, toYaml } from './yaml.ts';

/** A change in the draft space. */
export type ContentChange =
  | { readonly what: 'create'; readonly kind: Kind; readonly wanted: Resource }
  | { readonly what: 'update'; readonly kind: Kind; readonly id: string; readonly wanted: Document }
  | { readonly what: 'delete'; readonly kind: Kind; readonly stored: Stored };

/**
 * The changes that put the pack into the draft space, in an order that the indexer accepts: an integration before its
 * decoders, decoders before rules, and removals last.
 */
export function contentChanges(content: Content, pack: Pack): ContentChange[] {
  const decoders = needsRoot(content) ? [pack.rootDecoder, ...pack.decoders] : pack.decoders;
  return [
    ...changesOf('integrations', content.integration === undefined ? [] : [content.integration], [
      pack.integration,
    ]),
    ...changesOf('decoders', content.decoders, decoders),
    ...changesOf('rules', content.rules, pack.rules),
  ].sort((a, b) => Number(a.what === 'delete') - Number(b.what === 'delete'));
}

/** True when the policy has no root decoder, or has Riposte's root decoder. */
export function needsRoot(content: Content): boolean {
  const { root_decoder: root } = content.policy;
  return !root || content.decoders.some(({ id }) => id === root);
}

function changesOf(kind: Kind, stored: readonly Stored[], wanted: readonly Resource[]): ContentChange[] {
  const own = new Map(stored.map((one) => [keyOf(one.document), one]));
  const wantedKeys = new Set(wanted.map(keyOf));
  return [
    ...wanted.flatMap((resource): ContentChange[] => {
      const found = own.get(keyOf(resource));
      if (found === undefined) return [{ what: 'create', kind, wanted: resource }];
      if (covers(found.document, resource)) return [];
      return [{ what: 'update', kind, id: found.id, wanted: updated(kind, found.document, resource) }];
    }),
    ...stored
      .filter(({ document }) => !wantedKeys.has(keyOf(document)))
      .map((one): ContentChange => ({ what: 'delete', kind, stored: one })),
  ];
}

/** The document for an update. An update of an integration must list the integration's resources again. */
const updated = (kind: Kind, { rules, decoders, kvdbs }: Document, resource: Resource): Document =>
  kind === 'integrations'
    ? { ...resource, rules: idsIn(rules), decoders: idsIn(decoders), kvdbs: idsIn(kvdbs) }
    : resource;

/** Makes one change. @param integration the id of the integration @returns the id of the resource */
export async function applyChange(
  indexer: Indexer,
  change: ContentChange,
  integration: string | undefined,
): Promise<string> {
  const { kind } = change;
  const path = `${CONTENT}/${kind}`;
  if (change.what === 'delete') {
    await indexer.send('DELETE', `${path}/${encodeURIComponent(change.stored.id)}`);
    return change.stored.id;
  }
  const envelope = (content: Document): Document =>
    integration === undefined ? content : { integration, ...content };
  const body = (content: Document): Json | Yaml =>
    kind === 'decoders' ? new Yaml(`${toYaml(content)}\n`) : content;
  if (change.what === 'create') {
    const own = kind === 'integrations' ? { resource: change.wanted } : envelope({ resource: change.wanted });
    const { message } = await indexer.send('POST', path, body(own));
    return String(message);
  }
  await indexer.send('PUT', `${path}/${encodeURIComponent(change.id)}`, body({ resource: change.wanted }));
  return change.id;
}

/** Writes the draft policy with these values, and leaves its other values unchanged. */
export async function updatePolicy(
  indexer: Indexer,
  policy: Document,
  values: {
    readonly root_decoder?: string;
    readonly enabled?: boolean;
    readonly integrations?: readonly string[];
  },
): Promise<void> {
  const { title, author, description, documentation, references } = metadataOf(policy);
  const resource = {
    metadata: {
      ...(title === undefined ? {} : { title }),
      author: author ?? '',
      description: description ?? '',
      documentation: documentation ?? '',
      references: references ?? [],
    },
    root_decoder: policy.root_decoder ?? '',
    integrations: idsIn(policy.integrations),
    filters: idsIn(policy.filters),
    enrichments: idsIn(policy.enrichments),
    enabled: policy.enabled ?? true,
    index_unclassified_events: policy.index_unclassified_events ?? false,
    index_discarded_events: policy.index_discarded_events ?? false,
    ...values,
  };
  await indexer.send('PUT', `${CONTENT}/policy/draft`, { resource });
}

/** A line about a change: `created the rule Riposte: …`. */
export function describeChange(change: ContentChange, tense: 'done' | 'planned'): string {
  const { what, kind } = change;
  const document = change.what === 'delete' ? change.stored.document : change.wanted;
  const verb = tense === 'done' ? `${what}d` : `would ${what}`;
  const kindName = kind.slice(0, -1);
  return `${verb} the ${kindName} ${kind === 'decoders' ? keyOf(document) : titleOf(document)}`;
}
