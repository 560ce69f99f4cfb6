import { asRiposteError, type RiposteError } from '../../base/errors.ts';
import { type Content, findContent, idsIn, type Kind, type Stored } from './content.ts';
import { applyChange, type ContentChange, updatePolicy } from './content-changes.ts';
import { covers } from './covers.ts';
import type { Indexer } from './indexer.ts';
import type { Pack, Resource } from './pack.ts';
import { findParts, PARTS, type Parts, removePart, restorePart } from './parts.ts';
import type { Source } from './promote.ts';
import { promoteRemoval } from './promote-removal.ts';

/** The state of the indexer before the changes. */
export interface Before {
  readonly content: Content;
  readonly parts: Parts;
}

/** The spaces that have been promoted since then. */
export type Promoted = ReadonlySet<Source>;

/**
 * Restores the former state of the indexer. Reads its present state first, because the indexer may have made a change
 * whose answer was lost.
 *
 * @throws RiposteError when the indexer refuses or cannot be reached
 */
async function rollBack(indexer: Indexer, pack: Pack, before: Before, promoted: Promoted): Promise<void> {
  const parts = await findParts(indexer, pack);
  for (const part of [...PARTS].reverse()) {
    const [old, now] = [before.parts[part], parts[part]];
    if (old === undefined && now !== undefined) await removePart(indexer, part, now.id);
    else if (old !== undefined && now !== undefined && !covers(now.document, old.document))
      await restorePart(indexer, part, old);
  }
  await restoreContent(indexer, pack, before.content);
  await promoteRemoval(indexer, pack, [...promoted], before.content.policy.enabled !== false);
}

async function restoreContent(indexer: Indexer, pack: Pack, before: Content): Promise<void> {
  const now = await findContent(indexer, pack);
  const isNew = (old: readonly Stored[]) => (one: Stored) => !old.some(({ id }) => id === one.id);
  const isRootNew = now.decoders
    .filter(isNew(before.decoders))
    .some(({ id }) => id === now.policy.root_decoder);
  if (isRootNew)
    await updatePolicy(indexer, now.policy, {
      root_decoder: String(before.policy.root_decoder ?? ''),
      integrations: idsIn(now.policy.integrations),
    });
  const removed = (kind: Kind, ones: readonly Stored[], old: readonly Stored[]): ContentChange[] =>
    ones.filter(isNew(old)).map((stored) => ({ what: 'delete', kind, stored }));
  const changed = (kind: Kind, ones: readonly Stored[], old: readonly Stored[]): ContentChange[] =>
    old.flatMap(({ id, document }): ContentChange[] => {
      const same = ones.find((one) => one.id === id);
      if (same !== undefined && covers(same.document, document)) return [];
      const { id: _, ...wanted } = document;
      if (same === undefined) return [{ what: 'create', kind, wanted: wanted as Resource }];
      return [{ what: 'update', kind, id, wanted }];
    });
  const integrations = (content: Content) => (content.integration === undefined ? [] : [content.integration]);
  const lists: readonly (readonly [Kind, readonly Stored[], readonly Stored[]])[] = [
    ['rules', now.rules, before.rules],
    ['decoders', now.decoders, before.decoders],
    ['integrations', integrations(now), integrations(before)],
  ];
  for (const list of lists)
    for (const change of [...removed(...list), ...(list[0] === 'integrations' ? [] : changed(...list))])
      await applyChange(indexer, change, now.integration?.id);
  for (const change of changed(
    'integrations',
    integrations(await findContent(indexer, pack)),
    integrations(before),
  ))
    await applyChange(indexer, change, undefined);
}

/** The outcome of a rollback, for the message after the reason. */
export async function describeRollback(
  indexer: Indexer,
  pack: Pack,
  before: Before,
  promoted: Promoted,
): Promise<string> {
  try {
    await rollBack(indexer, pack, before, promoted);
    return 'riposte wazuh5 install reverted all changes';
  } catch (error) {
    const { message }: RiposteError = asRiposteError(error);
    return `riposte wazuh5 install could not revert its changes (${message}): run riposte wazuh5 uninstall, which removes everything that Riposte has made`;
  }
}
