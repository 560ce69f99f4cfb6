import { type Inspection, type Stray, stateOf, straysIn } from './inspect.ts';
import type { Block } from './ledger.ts';

/** Where ledger and backends disagree, and what else is to be done. */
export interface Differences {
  /** Their time has passed. */
  readonly over: readonly Block[];
  /** They should be in force, and are not. */
  readonly missing: readonly Block[];
  /** What the backend could not do the last time. */
  readonly failed: readonly Block[];
  /** They are in force, and should not be. */
  readonly strays: readonly Stray[];
}

/**
 * Compares the two. A block that has come since the backends were asked may be in force by now, or is about
 * to be: it is no difference.
 *
 * @param now in milliseconds, after the ledger was read
 */
export function compare(inspection: Inspection, now: number): Differences {
  const over: Block[] = [];
  const missing: Block[] = [];
  const failed: Block[] = [];
  for (const block of inspection.ledger.blocks) {
    if (!inspection.held.has(block.backend)) continue;
    const state = stateOf(block, inspection, now);
    if (state === 'over') over.push(block);
    else if (block.failed !== undefined) failed.push(block);
    else if (state === 'NO' && !isYoung(block, inspection.at, now)) missing.push(block);
  }
  return { over, missing, failed, strays: straysIn(inspection) };
}

/** What is from after now is not young: somebody has set the clock back. */
function isYoung({ since }: Block, listedAt: number, now: number): boolean {
  const time = Date.parse(since);
  return time >= listedAt && time <= now;
}
