import { applyMany } from './backend/apply-many.ts';
import type { Change, Failures } from './backend/backend.ts';
import type { Blocking, Decision, Unblocking } from './decide.ts';
import { asRiposteError, RiposteError } from './errors.ts';
import { groupBy } from './group-by.ts';
import { endBlock, readBlock, writeBlock, writeBlocks } from './ledger.ts';
import type { Outcome } from './outcome.ts';
import { blocked, carryOutDecision, noteFailure, unblocked } from './respond.ts';
import { type Settling, secondsLeft, settle } from './settle.ts';

/** What was decided about one request. */
export interface Decided {
  readonly decision: Decision;
  readonly settling: Settling;
  /** The same for all whose backends are made of the same settings. */
  readonly kind: string;
}

/** How one request has ended. */
export type Ended = Outcome | RiposteError;

/**
 * Does what was decided about many requests, as `respond` does it for one: the ledger first, then the changes of one
 * backend in one go, then another look at the ledger. One that cannot be done fails alone.
 *
 * @returns how each has ended, in the same order
 */
export async function carryOutMany(decided: readonly Decided[]): Promise<Ended[]> {
  const ended = new Map<Decided, Ended>();
  for (const wave of waves(decided)) {
    const together = wave.filter(isPlain);
    for (const each of wave)
      if (!isPlain(each))
        ended.set(
          each,
          attempt(() => alone(each)),
        );
    for (const [each, how] of await carryOutTogether(together)) ended.set(each, how);
  }
  return decided.map((each) => ended.get(each) as Ended);
}

type Plain = Decided & { readonly decision: Blocking | Unblocking };

const alone = ({ decision, settling }: Decided): Outcome => carryOutDecision(decision, settling);

/** True for a change by one backend that is really to be made. */
function isPlain(each: Decided): each is Plain {
  const { decision, settling } = each;
  if (settling.executor.dryRun) return false;
  if (decision.is === 'unblock') return true;
  return (
    decision.is === 'block' &&
    (decision.before?.backend ?? decision.wanted.backend) === decision.wanted.backend
  );
}

/** Waves in which no address comes twice for a response: what is asked of one address keeps its order. */
function waves(decided: readonly Decided[]): Decided[][] {
  const found: Decided[][] = [];
  const last = new Map<string, number>();
  for (const each of decided) {
    const { decision, settling } = each;
    const key = 'address' in decision ? `${settling.response} ${decision.address.text}` : '';
    const wave = key === '' ? 0 : (last.get(key) ?? -1) + 1;
    last.set(key, wave);
    const others = found[wave];
    if (others) others.push(each);
    else found[wave] = [each];
  }
  return found;
}

async function carryOutTogether(all: readonly Plain[]): Promise<Map<Plain, Ended>> {
  const ended = await writeLedger(all);
  const left = all.filter((each) => !ended.has(each));
  const groups = groupBy(left, (each) => `${each.settling.response} ${backendOf(each)} ${each.kind}`);
  for (const some of groups.values()) {
    const failures = applyGroup(some);
    for (const each of some)
      ended.set(
        each,
        attempt(() => conclude(each, failures.get(each.decision.address.text))),
      );
  }
  return ended;
}

/** @returns those that have ended with that: it failed, or another process was faster */
async function writeLedger(all: readonly Plain[]): Promise<Map<Plain, Ended>> {
  const ended = new Map<Plain, Ended>();
  for (const each of all) {
    const { decision, settling } = each;
    if (decision.is === 'block') continue;
    const how = attemptOr(() => endBlock(settling.home, settling.response, decision.address.text));
    if (how instanceof RiposteError) ended.set(each, how);
    else if (!how)
      ended.set(
        each,
        attempt(() => unblocked(decision, settling)),
      );
  }
  const blocks = all.filter(({ decision }) => decision.is === 'block');
  for (const some of groupBy(blocks, ({ settling }) => settling.response).values()) {
    const failed = await writeBlocksOf(some);
    for (const each of some) {
      const error = failed.get(each.decision.address.text);
      if (error) ended.set(each, error);
    }
  }
  return ended;
}

async function writeBlocksOf(some: readonly Plain[]): Promise<Map<string, RiposteError>> {
  const [first] = some;
  const blocks = some.flatMap(({ decision }) => (decision.is === 'block' ? decision.wanted : []));
  const [only] = blocks;
  if (!first || !only) return new Map();
  const { home } = first.settling;
  if (blocks.length > 1) return writeBlocks(home, blocks);
  const error = attemptOr(() => writeBlock(home, only));
  return new Map(error instanceof RiposteError ? [[only.address, error]] : []);
}

const backendOf = ({ decision }: Plain): string =>
  decision.is === 'block' ? decision.wanted.backend : decision.before.backend;

function applyGroup(some: readonly Plain[]): Failures {
  const [first] = some;
  if (!first) return new Map();
  try {
    return applyMany(first.settling.backendOf(backendOf(first)), some.map(changeOf), first.settling.executor);
  } catch (error) {
    const failed = asRiposteError(error);
    return new Map(some.map(({ decision }) => [decision.address.text, failed]));
  }
}

function changeOf({ decision }: Plain): Change {
  const { address, before } = decision;
  if (decision.is === 'unblock') return { verb: 'unblock', address, known: true };
  return { verb: 'block', address, seconds: secondsLeft(decision.wanted), known: before !== undefined };
}

/** Looks at the ledger again: what another process has changed there meanwhile is settled by itself. */
function conclude({ decision, settling }: Plain, error: RiposteError | undefined): Outcome {
  const { address, before } = decision;
  const wanted = decision.is === 'block' ? decision.wanted : undefined;
  try {
    if (error) throw error;
    const now = readBlock(settling.home, settling.response, address.text);
    if (JSON.stringify(now) !== JSON.stringify(wanted)) settle(address, wanted ?? before, settling);
  } catch (thrown) {
    if (decision.is === 'block' && thrown instanceof RiposteError) noteFailure(decision, thrown, settling);
    throw thrown;
  }
  return decision.is === 'block' ? blocked(decision) : unblocked(decision, settling);
}

const attempt = (work: () => Outcome): Ended => attemptOr(work);

function attemptOr<T>(work: () => T): T | RiposteError {
  try {
    return work();
  } catch (error) {
    return asRiposteError(error);
  }
}
