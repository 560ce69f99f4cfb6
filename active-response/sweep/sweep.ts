import { parseAddress } from '../../base/address.ts';
import { attempt, RiposteError } from '../../base/errors.ts';
import { type Block, endBlock, endBlockIf, endOf, hasEnded, readEntries } from '../ledger.ts';
import { type ReconcileContext, reconcileContext } from '../reconcile-context.ts';
import type { Outcome } from '../record/outcome.ts';
import type { Result } from '../record/result.ts';
import type { ResponseContext } from '../request-context.ts';
import { applyRepairs, type Repair, repairFailure } from './apply-repairs.ts';
import { compare } from './compare.ts';
import { type Inspection, inspect, type Stray, straysIn } from './inspect.ts';
import { guarded } from './never-blocked.ts';

/**
 * Makes the backends of one response agree with its ledger: ends blocks that are over, restores missing blocks, retries
 * failed ones, removes blocks that the ledger does not hold, and releases addresses that must no longer be blocked.
 * Makes the changes of each kind together. If other processes change the ledger meanwhile, repeats the affected
 * changes, so that the process that finishes last leaves ledger and backends in agreement.
 *
 * A dry run changes nothing, and returns the outcomes of a real run.
 */
export function sweep(context: ResponseContext, reconciling = reconcileContext(context)): Result[] {
  const flushed = flushAll(reconciling);
  let inspection: Inspection;
  try {
    inspection = inspect(context, reconciling);
  } catch (error) {
    return [...flushed, repairFailure(error)];
  }
  const differences = compare(inspection, Date.now());
  const { over } = differences;
  const isDirect = (each: Pick<Block, 'backend'>) => isAtOnce(each, reconciling);
  const lasting = inspection.ledger.blocks.filter((block) => !hasEnded(block, Date.now()));
  const { missing, failed, released } = guarded(lasting, differences, context, reconciling);
  const swept = [
    ...flushed,
    ...releaseDamaged(inspection.ledger.damaged, reconciling),
    ...[...inspection.unseen.values()].map((error) => repairFailure(error)),
    ...endAll(over, inspection.held, reconciling),
    ...released,
    ...blockAll([...missing, ...failed].filter(isDirect), reconciling),
    ...takeOutAll(differences.strays.filter(isDirect), reconciling),
  ];
  if (missing.length === 0 || reconciling.executor.dryRun) return swept;
  // When rules are restored, elements of a set that no rule looked up may come into force, although the ledger does not
  // hold them.
  return [...swept, ...takeOutAll(straysIn(inspect(context, reconciling)).filter(isDirect), reconciling)];
}

/**
 * Removes blocks with our mark that are not in the ledger.
 *
 * @throws RiposteError (IOERR, NOPERM) when the ledger cannot be read
 */
export function takeOutStrays(context: ResponseContext): Result[] {
  const reconciling = reconcileContext(context);
  const flushed = flushAll(reconciling);
  const strays = straysIn(inspect(context, reconciling)).filter((stray) => isAtOnce(stray, reconciling));
  return [...flushed, ...takeOutAll(strays, reconciling)];
}

/**
 * Delivers the changes that backends have only queued.
 * @returns the failures, which these backends record by themselves
 */
function flushAll({ present, backendOf, executor }: ReconcileContext): Result[] {
  return present().flatMap((name) => {
    const error = attempt(() => backendOf(name).flush?.(executor));
    return error ? [{ ...repairFailure(error), isKnown: true }] : [];
  });
}

/** False for a block by a backend with a queue: such a backend follows the ledger by itself. */
const isAtOnce = ({ backend }: Pick<Block, 'backend'>, { backendOf }: ReconcileContext): boolean =>
  !backendOf(backend).flush;

function endAll(blocks: readonly Block[], held: Inspection['held'], reconciling: ReconcileContext): Result[] {
  const { home, response, executor } = reconciling;
  const repairs = blocks.flatMap((block): Repair[] => {
    const { address } = block;
    const before = held.get(block.backend)?.has(address) ? block : undefined;
    if (!executor.dryRun) {
      const ending = attempt(() => endBlockIf(home, response, address, (now) => hasEnded(now, Date.now())));
      // After an error, the next sweep tries again.
      if (ending instanceof RiposteError) return [];
      // An alert has just renewed the block.
      if (ending.putBack) return [{ address, before: block, wanted: ending.putBack }];
      if (!ending.hasEnded) return [];
    }
    const reason = `the block since ${block.since} has expired`;
    const outcome: Outcome = { word: 'unblocked', reason, address, block };
    return [{ address, before, wanted: undefined, outcome }];
  });
  return applyRepairs(repairs, reconciling);
}

/** Releases the addresses of damaged entries: without a known end, a visitor could stay blocked for ever. */
function releaseDamaged(damaged: Inspection['ledger']['damaged'], reconciling: ReconcileContext): Result[] {
  const { home, response, executor } = reconciling;
  const repairs: Repair[] = [];
  const failed: Result[] = [];
  for (const { address, error } of damaged) {
    const { current: block } = readEntries(home, response, address);
    if (!block?.damaged) continue; // another process has meanwhile written a new entry, or removed this one
    const moved = executor.dryRun || attempt(() => endBlock(home, response, address));
    const reason = endOf(home, block);
    if (moved instanceof RiposteError) failed.push(repairFailure(moved, address));
    else if (attempt(() => parseAddress(address)) instanceof RiposteError)
      failed.push(repairFailure(new RiposteError(error.exitCode, reason), address));
    else if (moved)
      repairs.push({
        address,
        before: block,
        wanted: undefined,
        outcome: { word: 'unblocked', reason, address },
      });
  }
  return [...failed, ...applyRepairs(repairs, reconciling)];
}

function blockAll(blocks: readonly Block[], reconciling: ReconcileContext): Result[] {
  const repairs = blocks.map((block): Repair => {
    const { address, failed } = block;
    const end = block.until === null ? 'until deleted' : `until ${block.until}`;
    const outcome: Outcome =
      failed === undefined
        ? {
            word: 'restored',
            reason: `it was no longer in force; ${end}, offence ${block.offence}, by ${block.backend}`,
            address,
            block,
          }
        : { word: 'blocked', reason: `retried after a failure (${failed})`, address, block };
    return { address, before: block, wanted: block, outcome };
  });
  return applyRepairs(repairs, reconciling);
}

function takeOutAll(strays: readonly Stray[], reconciling: ReconcileContext): Result[] {
  const repairs = strays.map(({ address, backend, block }): Repair => {
    const of =
      block === undefined
        ? 'the ledger has no such address'
        : `the ledger says that ${block.backend} blocks it`;
    const outcome: Outcome = { word: 'unblocked', reason: `by ${backend}; ${of}`, address };
    return { address, before: { backend }, wanted: block, isInForce: true, outcome };
  });
  return applyRepairs(repairs, reconciling);
}
