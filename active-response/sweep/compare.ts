import type { Block } from '../ledger.ts';
import { type Inspection, type Stray, stateOf, straysIn } from './inspect.ts';

/** The differences between ledger and backends, and other blocks that need work. */
export interface Differences {
  /** Blocks whose time has passed. */
  readonly over: readonly Block[];
  /** Blocks that should be in force, but are not. */
  readonly missing: readonly Block[];
  /** Blocks for which the backend's last attempt failed. */
  readonly failed: readonly Block[];
  /** Addresses that are in force, but should not be. */
  readonly strays: readonly Stray[];
}

/**
 * Compares ledger and backends. A block made after the backends were listed does not count as a difference: it is in
 * force by now, or will be soon.
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

/** A block whose start is in the future does not count as new: the clock was set back. */
function isYoung({ since }: Block, listedAt: number, now: number): boolean {
  const time = Date.parse(since);
  return time >= listedAt && time <= now;
}
