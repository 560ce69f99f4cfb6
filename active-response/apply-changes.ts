import { parseAddress } from '../base/address.ts';
import { asRiposteError, attempt, EX, RiposteError } from '../base/errors.ts';
import { applyMany } from './backend/apply-many.ts';
import type { Change, Failures } from './backend/backend.ts';
import { ANY, amendBlock, type Block, type BlockReader, blockReader, writeBlock } from './ledger.ts';
import { withPart } from './lists.ts';
import type { ReconcileContext } from './reconcile-context.ts';

/** The fields that are needed to end a block: its backend, and whether the backend failed. */
export type Known = Pick<Block, 'backend' | 'failed'>;

/** A change that is already in the ledger, but not yet in the backends. */
export interface LedgerChange {
  /** The address as the ledger or a backend spells it: the text need not be a valid address. */
  readonly address: string;
  /** The block that may be in force. */
  readonly before: Known | undefined;
  /** The block that the ledger holds now. */
  readonly wanted: Block | undefined;
  /** True when the wanted block is in force already: then only the backend of `before` must unblock the address. */
  readonly isInForce?: boolean | undefined;
  /**
   * The list or program that asks for the block. If another process removes the part of this list or program from the
   * block, `applyChanges` adds that part again.
   */
  readonly origin?: string | undefined;
  /** True when this change could not be written to the disk, so the ledger may hold another block. */
  readonly isUnwritten?: boolean;
}

/**
 * Makes the backends agree with the ledger. Groups the changes by backend. One failing change does not stop the
 * others. If a block fails, records the reason in the ledger.
 *
 * Another process may change the ledger meanwhile and reach a backend first. So this function reads the ledger again
 * until nothing has changed: the process that finishes last leaves ledger and backend in agreement.
 *
 * @param changes of different addresses
 * @returns the errors, by address
 */
export function applyChanges(changes: readonly LedgerChange[], context: ReconcileContext): Failures {
  const failures: Failures = new Map();
  for (let left = changes; left.length > 0; ) {
    applyOnce(left, failures, context);
    if (context.executor.dryRun) break;
    const reader = blockReader(context.home, context.response);
    left = left.flatMap((change) => changedMeanwhile(change, failures, context, reader));
  }
  return failures;
}

/** Blocks before it unblocks: if the program of the old backend is gone, the address must still be blocked. */
function applyOnce(all: readonly LedgerChange[], failures: Failures, context: ReconcileContext): void {
  const { backendOf, executor } = context;
  for (const verb of ['block', 'unblock'] as const) {
    for (const [name, changes] of byBackend(verb, all, failures, context)) {
      const failed = attempt(() => applyMany(backendOf(name), changes, executor));
      for (const { address } of changes) {
        const error = failed instanceof RiposteError ? failed : failed.get(address.text);
        if (error) failures.set(address.text, error);
      }
    }
  }
}

function byBackend(
  verb: Change['verb'],
  all: readonly LedgerChange[],
  failures: Failures,
  context: ReconcileContext,
): Map<string, Change[]> {
  const found = new Map<string, Change[]>();
  for (const { address: raw, before, wanted, isInForce } of all) {
    const block = verb === 'block' ? wanted : before;
    const isDone = verb === 'block' ? isInForce : before?.backend === wanted?.backend;
    if (!block || isDone || failures.has(raw)) continue;
    const seconds = verb === 'block' && wanted ? secondsLeft(wanted) : undefined;
    // Does not use parseTarget, which refuses addresses that may not be blocked: they must still be unblocked.
    const address = attempt(() => parseAddress(raw));
    if (address instanceof RiposteError) failures.set(raw, address);
    else {
      const change = { verb, address, seconds, known: before !== undefined && !before.failed };
      for (const name of namesOf(block, address.text, wanted, context)) {
        const others = found.get(name);
        if (others) others.push(change);
        else found.set(name, [change]);
      }
    }
  }
  return found;
}

/** The backend of a block; for a damaged entry, all backends that hold the address, except the backend of `wanted`. */
function namesOf(
  { backend }: Known,
  address: string,
  wanted: Block | undefined,
  { present, backendOf, executor }: ReconcileContext,
): string[] {
  if (backend !== ANY) return [backend];
  const holds = (name: string) => attempt(() => backendOf(name).list(executor).has(address)) === true;
  return present().filter((name) => name !== wanted?.backend && holds(name));
}

/** @returns the change that remains because the ledger has changed, or an empty list */
function changedMeanwhile(
  { address, before, wanted, isInForce, isUnwritten, origin }: LedgerChange,
  failures: Failures,
  { home }: ReconcileContext,
  reader: BlockReader,
): LedgerChange[] {
  const error = failures.get(address);
  if (isUnwritten) return [];
  try {
    const after = isInForce ? wanted : afterTry(before, wanted, error);
    if (wanted && (!after || after.failed !== wanted.failed)) amendBlock(home, wanted, after);
    if (error || (after && reader.holds(after))) return [];
    const now = reader.read(address);
    if (JSON.stringify(now) === JSON.stringify(after)) return [];
    const complete = origin === undefined ? undefined : withPart(now, origin, after);
    if (complete) writeBlock(home, complete);
    return [{ address, before: after ?? before, wanted: complete ?? now, origin }];
  } catch (thrown) {
    failures.set(address, asRiposteError(thrown));
    return [];
  }
}

/**
 * The entry to keep after an attempt, with the reason if the attempt failed; undefined if a new block can never
 * succeed.
 */
function afterTry(
  before: Known | undefined,
  wanted: Block | undefined,
  error: RiposteError | undefined,
): Block | undefined {
  if (!wanted || (error && !before && FINAL.has(error.exitCode))) return undefined;
  const { failed, ...block } = wanted;
  return error ? { ...block, failed: error.message } : block;
}

/** Exit codes of failures that the next attempt would only repeat. */
const FINAL = new Set<number>([EX.CONFIG, EX.CANTCREAT]);

/** Whole seconds until a block ends by itself, at least 1; undefined when it never ends by itself. */
export function secondsLeft({ until }: Pick<Block, 'until'>, now = Date.now()): number | undefined {
  return until === null ? undefined : Math.max(1, Math.ceil((Date.parse(until) - now) / 1000));
}
