import type { Block } from '../../active-response/ledger.ts';
import { isOwnDecision } from './block-cap.ts';

/** The share of MAX_BLOCKS from which people are warned. */
const NEARLY_ALL = 0.8;

/** The use of MAX_BLOCKS. */
export interface CapUse {
  readonly most: number;
  /** The number of blocks that Riposte itself has decided. */
  readonly used: number;
}

export const capUse = (
  blocks: readonly Pick<Block, 'isOwn' | 'alert' | 'rule' | 'origins'>[],
  most: number,
): CapUse => ({
  most,
  used: blocks.filter(isOwnDecision).length,
});

/** Returns a warning for people when most of MAX_BLOCKS is in use; otherwise undefined. */
export const capRemark = ({ most, used }: CapUse): string | undefined =>
  used < most * NEARLY_ALL
    ? undefined
    : `riposte serve and riposte scan have blocked ${used} addresses, and MAX_BLOCKS is ${most}: above that number, Riposte ends blocks early, the least severe first`;
