import { scriptOf } from '../../active-response/home.ts';
import { type Block, endBlockIf } from '../../active-response/ledger.ts';
import { indexedContext } from '../../active-response/ledger-index.ts';
import { record } from '../../active-response/record/record.ts';
import type { ResponseContext } from '../../active-response/request-context.ts';
import { applyRepairs, type Repair } from '../../active-response/sweep/apply-repairs.ts';
import { attempt, RiposteError } from '../../base/errors.ts';
import { groupBy } from '../../base/group-by.ts';
import { networkKeys } from '../../base/network-key.ts';
import { REPORT_LOCATION } from '../report-location.ts';

/** The share of MAX_BLOCKS for one network, or for reports of the hook. Blocks beyond this share end first. */
const SHARE = 1 / 4;

/** True for a block that no manager, operator or list has requested. */
export const isOwnDecision = ({
  isOwn,
  alert,
  rule,
  origins,
}: Pick<Block, 'isOwn' | 'alert' | 'rule' | 'origins'>): boolean =>
  isOwn !== true && alert === undefined && rule !== undefined && origins === undefined;

/** True if Riposte decided the block from a log, and the block is in force according to the ledger. */
export const isOwnFinding = (block: Block): boolean =>
  isOwnDecision(block) && block.location !== REPORT_LOCATION && block.failed === undefined;

/**
 * The blocks that must end early because Riposte itself has decided more than MAX_BLOCKS blocks. First the blocks
 * beyond the share of a network (/24, /48, then /16, /32) or of the hook's reports end, then the blocks of the lowest
 * class (reports, detections, severe detections), then the blocks with the fewest offences, then the blocks with the
 * soonest end. Other blocks neither count nor end early.
 */
export function beyondCap(blocks: readonly Block[], most: number): Block[] {
  const own = blocks.filter(isOwnDecision).sort(byWorth);
  const excess = own.length - most;
  if (excess <= 0) return [];
  const share = Math.ceil(most * SHARE);
  const keys = new Map(own.map((block) => [block, networkKeys(block.address)]));
  const beyondShare = new Set<Block>();
  for (const keyOf of [
    (block: Block) => keys.get(block)?.narrow,
    (block: Block) => keys.get(block)?.wide,
    ({ location }: Block) => (location === REPORT_LOCATION ? location : undefined),
  ]) {
    const left = own.filter((block) => !beyondShare.has(block));
    for (const [key, some] of groupBy(left, (block) => keyOf(block) ?? ''))
      if (key !== '')
        for (const block of some.slice(0, Math.max(0, some.length - share))) beyondShare.add(block);
  }
  return [...beyondShare, ...own.filter((block) => !beyondShare.has(block))].slice(0, excess);
}

/** Orders blocks so that the first must end first. */
function byWorth(a: Block, b: Block): number {
  return (
    classOf(a) - classOf(b) ||
    a.offence - b.offence ||
    (a.until === b.until ? 0 : (a.until ?? '~') < (b.until ?? '~') ? -1 : 1)
  );
}

const classOf = ({ severe, location }: Block): number => (severe ? 2 : location === REPORT_LOCATION ? 0 : 1);

/** The number of blocks that Riposte itself has decided, and the number of blocks that ended early. */
export interface Capped {
  readonly count: number;
  readonly ended: number;
}

/**
 * Ends the blocks beyond MAX_BLOCKS, in the ledger and the backends together, and records them.
 *
 * @param blocks the ledger's blocks; if absent, reads the ledger
 */
export function enforceCap(
  context: ResponseContext,
  most: number,
  say: (text: string) => void,
  blocks?: readonly Block[],
): Capped {
  const { home, response } = context;
  const began = performance.now();
  const reconciling = indexedContext(context);
  const all = blocks ?? reconciling.readLedger?.(home, response.name).blocks ?? [];
  const count = all.filter(isOwnDecision).length;
  const repairs = beyondCap(all, most).flatMap((block): Repair[] => {
    const { address } = block;
    // If a manager or an operator has taken over the block, or it was renewed, the block stays, and the next batch
    // decides again.
    const isSame = (now: Block) => JSON.stringify(now) === JSON.stringify(block);
    const ending = attempt(() => endBlockIf(home, response.name, address, isSame));
    // After an error, the next batch tries again.
    if (ending instanceof RiposteError) return [];
    if (ending.putBack) return [{ address, before: block, wanted: ending.putBack }];
    if (!ending.hasEnded) return [];
    const reason = `more than MAX_BLOCKS=${most} addresses were blocked; ${block.backend} had blocked this address since ${block.since}`;
    return [
      {
        address,
        before: block,
        wanted: undefined,
        outcome: { word: 'unblocked', reason, address, block },
      },
    ];
  });
  const ended = repairs.filter(({ outcome }) => outcome !== undefined).length;
  if (repairs.length === 0) return { count, ended };
  const results = applyRepairs(repairs, reconciling, 'server');
  const spent = { spent: performance.now() - began };
  for (const { message } of record(home, response.name, scriptOf(home, response.name), results, spent))
    say(message);
  return { count: count - ended, ended };
}
