import { findContent, idsIn } from './content.ts';
import { updatePolicy } from './content-changes.ts';
import type { Indexer } from './indexer.ts';
import type { Pack } from './pack.ts';
import { promote, type Source } from './promote.ts';

/**
 * Promotes the removal of content. The engine cannot run a policy without a root decoder. So if no integration is left,
 * the policy is switched off before it is promoted; the policies of test and custom are then off, as on a new indexer.
 *
 * @param isEnabled true to switch on the draft policy afterwards, as on a new indexer
 */
export async function promoteRemoval(
  indexer: Indexer,
  pack: Pack,
  spaces: readonly Source[],
  isEnabled = true,
): Promise<void> {
  if (spaces.length === 0) return;
  const { policy } = await findContent(indexer, pack);
  const isEmpty = idsIn(policy.integrations).length === 0;
  if (isEmpty && policy.enabled !== false)
    await updatePolicy(indexer, policy, { root_decoder: '', enabled: false });
  for (const space of spaces) await promote(indexer, space);
  if (isEmpty && isEnabled) await updatePolicy(indexer, policy, { root_decoder: '', enabled: true });
}
