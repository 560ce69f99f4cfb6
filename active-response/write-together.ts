import type { Taking } from '../base/replace-files.ts';
import type { Failures } from './backend/backend.ts';
import type { Blocking, Decision } from './decide.ts';
import type { Home } from './home.ts';
import { type Block, type BlockReader, writeBlocks } from './ledger.ts';

/**
 * Writes the entries of several blocks in one step. Leaves three kinds of entries to the caller: a single entry,
 * entries that another process has changed, and damaged entries, which the caller must first set aside.
 *
 * @param nowReader returns a reader of the present entries, which is valid for a short time
 * @returns `done`: the decisions whose entries this function has written or has failed to write; `failed`: the errors,
 * by address; an entry with an error may be kept in memory
 */
export async function writeTogether(
  home: Home,
  decisions: readonly Decision[],
  nowReader: () => BlockReader,
): Promise<{ readonly done: ReadonlySet<Decision>; readonly failed: Failures }> {
  const blockings = new Map<string, Blocking>();
  for (const decision of decisions)
    if ('wanted' in decision && !decision.before?.damaged) blockings.set(decision.address.text, decision);
  const all = [...blockings.values()];
  if (all.length < 2) return { done: new Set(), failed: new Map() };
  const wanted = all.map((blocking) => blocking.wanted);
  const nowTaking = () => {
    const reader = nowReader();
    return ({ address }: Block): Taking => {
      const blocking = blockings.get(address);
      if (!blocking?.again) return 'replace';
      if (blocking.before === undefined && !reader.hasMemory) return 'create';
      return reader.isStill(address, blocking.before) ? 'replace' : 'leave';
    };
  };
  const { failed, left } = await writeBlocks(home, wanted, nowTaking);
  return { done: new Set(all.filter(({ address }) => !left.has(address.text))), failed };
}
