import { asRiposteError, EX, RiposteError } from '../../base/errors.ts';
import { type Content, findContent, idsIn, type Kind, type Stored } from './content.ts';
import { applyChange, type ContentChange, describeChange, updatePolicy } from './content-changes.ts';
import type { Indexer } from './indexer.ts';
import type { Say } from './install.ts';
import type { Pack } from './pack.ts';
import { findParts, PARTS, type PartName, type Parts, removePart } from './parts.ts';
import { demandNothingElsePending } from './promote.ts';
import { promoteRemoval } from './promote-removal.ts';

/**
 * Removes everything that install has made, and nothing else. Recognizes these resources by the integration's title,
 * the author and the descriptions.
 *
 * @returns the number of changes
 * @throws RiposteError (CANTCREAT) before any change when other people's content depends on Riposte's content; when a
 * step fails, the rest is still there, and a second run removes it
 */
export async function uninstallPack(
  indexer: Indexer,
  pack: Pack,
  isDryRun: boolean,
  say: Say,
): Promise<number> {
  const content = await findContent(indexer, pack);
  const parts = await findParts(indexer, pack);
  demandNoDependents(indexer, content, pack);
  const changes = removals(content);
  const found = [...PARTS].reverse().filter((part) => parts[part] !== undefined);
  if (isDryRun) {
    for (const part of found) say(`would delete the ${part}`);
    for (const change of changes) say(describeChange(change, 'planned'));
    return found.length + changes.length;
  }
  const isAnywhere = content.ids.size > 0;
  if (isAnywhere)
    for (const space of ['draft', 'test'] as const)
      await demandNothingElsePending(indexer, space, content.ids);
  try {
    await remove(indexer, pack, { content, parts, changes, found }, say);
  } catch (error) {
    const { exitCode, message } = asRiposteError(error);
    throw new RiposteError(exitCode, `${message}; run this again to remove the rest`, { cause: error });
  }
  return found.length + changes.length + Number(isAnywhere);
}

/** Everything to remove. */
interface Found {
  readonly content: Content;
  readonly parts: Parts;
  readonly changes: readonly ContentChange[];
  readonly found: readonly PartName[];
}

async function remove(
  indexer: Indexer,
  pack: Pack,
  { content, parts, changes, found }: Found,
  say: Say,
): Promise<void> {
  for (const part of found) {
    await removePart(indexer, part, parts[part]?.id ?? '');
    say(`deleted the ${part}`);
  }
  if (content.decoders.some(({ id }) => id === content.policy.root_decoder)) {
    await updatePolicy(indexer, content.policy, { root_decoder: '' });
    say('took the root decoder out of the policy');
  }
  for (const change of changes) {
    await applyChange(indexer, change, undefined);
    say(describeChange(change, 'done'));
  }
  if (content.ids.size === 0) return;
  await promoteRemoval(indexer, pack, ['draft', 'test']);
  say('promoted the removal to test and custom');
}

function demandNoDependents({ host }: Indexer, content: Content, pack: Pack): void {
  const { title } = pack.integration.metadata;
  if (content.others.length > 0)
    throw new RiposteError(
      EX.CANTCREAT,
      `the integration ${title} of ${host} has content by other authors (${content.others.join(', ')}): move that content first; nothing was changed`,
    );
  const isRoot = content.decoders.some(({ id }) => id === content.policy.root_decoder);
  const others = idsIn(content.policy.integrations).filter((id) => id !== content.integration?.id);
  if (isRoot && others.length > 0)
    throw new RiposteError(
      EX.CANTCREAT,
      `the decoders of ${others.length} other integrations of ${host} are below Riposte's root decoder: give the draft policy another root decoder first; nothing was changed`,
    );
}

/** Deletes rules and decoders first, because only an empty integration can be deleted. */
const removals = ({ rules, decoders, integration }: Content): ContentChange[] => [
  ...deletes('rules', rules),
  ...deletes('decoders', decoders),
  ...deletes('integrations', integration === undefined ? [] : [integration]),
];

const deletes = (kind: Kind, ones: readonly Stored[]): ContentChange[] =>
  ones.map((stored) => ({ what: 'delete', kind, stored }));
