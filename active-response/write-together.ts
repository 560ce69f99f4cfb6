import type { Failures } from './backend/backend.ts';
import type { Blocking, Decision, Unblocking } from './decide.ts';
import type { Home } from './home.ts';
import { type Block, writeBlocks } from './ledger.ts';

/** True if the ledger still holds the entry by which this was decided. */
export type IsStill = (decision: Blocking | Unblocking) => boolean;

/**
 * Writes the entries of several blocks in one step, without those whose entries another process has changed. A damaged
 * entry must be set aside before, so it is left out, too.
 *
 * @param nowStill returns the check by the present entries; it is valid for a moment
 * @returns the decisions whose entries are written, and the errors, by address; those entries may be kept in memory
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
  // Only then: while the disk writes, another process may begin to keep entries in memory.
  let isStill: IsStill | undefined;
  const mayReplace = ({ address }: Block) => {
    const blocking = blockings.get(address);
    isStill ??= nowStill();
    return !blocking?.again || isStill(blocking);
  };
  const { failed, left } = await writeBlocks(home, wanted, mayReplace);
  return { done: new Set(all.filter(({ address }) => !left.has(address.text))), failed };
}
