import type { Failures } from './backend/backend.ts';
import type { Blocking, Decision, Unblocking } from './decide.ts';
import type { Home } from './home.ts';
import { type Block, writeBlocks } from './ledger.ts';

/** True if the ledger still holds the entry on which the decision was based. */
export type IsStill = (decision: Blocking | Unblocking) => boolean;

/**
 * Writes the entries of several blocks in one step. Leaves out entries that another process has changed, and damaged
 * entries, which must be set aside first.
 *
 * @param nowStill returns a check against the present entries, which is valid for a short time
 * @returns the decisions whose entries were written or have failed, and the errors, by address; an entry with an error
 * may be kept in memory
 */
export async function writeTogether(
  home: Home,
  decisions: readonly Decision[],
  nowStill: () => IsStill,
): Promise<{ readonly done: ReadonlySet<Decision>; readonly failed: Failures }> {
  const blockings = new Map<string, Blocking>();
  for (const decision of decisions)
    if ('wanted' in decision && !decision.before?.damaged) blockings.set(decision.address.text, decision);
  const all = [...blockings.values()];
  if (all.length < 2) return { done: new Set(), failed: new Map() };
  const wanted = all.map((blocking) => blocking.wanted);
  // Makes the check only when an entry is about to be replaced: another process may begin to keep entries in memory
  // while the disk writes.
  let isStill: IsStill | undefined;
  const mayReplace = ({ address }: Block) => {
    const blocking = blockings.get(address);
    isStill ??= nowStill();
    return !blocking?.again || isStill(blocking);
  };
  const { failed, left } = await writeBlocks(home, wanted, mayReplace);
  return { done: new Set(all.filter(({ address }) => !left.has(address.text))), failed };
}
