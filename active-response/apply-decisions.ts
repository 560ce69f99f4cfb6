import { attempt, EX, RiposteError } from '../base/errors.ts';
import { applyChanges, type LedgerChange } from './apply-changes.ts';
import type { Failures } from './backend/backend.ts';
import { type Blocking, type Decision, isOfAnother, type Unblocking } from './decide.ts';
import { type Block, blockReader, endBlock, endOf, putBack, readEnded, writeBlock } from './ledger.ts';
import { without } from './lists.ts';
import type { Request } from './protocol/request.ts';
import { asMade, type ReconcileContext } from './reconcile-context.ts';
import type { Outcome } from './record/outcome.ts';

/** The result of one request: its outcome, or the error. */
export type Ended = Outcome | RiposteError;

/**
 * Carries out decisions: first in the ledger, then in the backends, grouped by backend. One failing decision does not
 * stop the others.
 *
 * @param earlier decisions about different addresses
 * @returns the outcome or the error of each request, in the same order
 */
export async function applyDecisions(
  earlier: readonly Decision[],
  context: ReconcileContext,
): Promise<Ended[]> {
  const { dryRun } = context.executor;
  const { decisions, unwritten } = dryRun
    ? { decisions: earlier, unwritten: new Map() }
    : await writeLedger(earlier, context);
  // Root changes the backends even if the ledger cannot be written: protection matters more than the record.
  const failures: Failures = process.geteuid?.() === 0 ? new Map() : new Map(unwritten);
  const changes = decisions.flatMap((decision): LedgerChange[] => {
    if (!('before' in decision)) return [];
    const {
      address: { text: address },
      before,
    } = decision;
    if (failures.has(address) || (decision.is === 'mend' && dryRun)) return [];
    const wanted = 'wanted' in decision ? decision.wanted : undefined;
    const origin = 'wanted' in decision ? decision.origin : undefined;
    return [{ address, before, wanted, origin, isUnwritten: unwritten.has(address) }];
  });
  for (const [address, error] of applyChanges(changes, context)) failures.set(address, error);
  return decisions.map((decision) =>
    attempt(() => conclude(byNextBackend(decision, failures, context), failures, unwritten, context)),
  );
}

/** Blocks by another backend if the kernel does not support the chosen one. @returns the decision as carried out */
function byNextBackend(decision: Decision, failures: Failures, context: ReconcileContext): Decision {
  if (!('wanted' in decision)) return decision;
  const {
    address: { text: address },
    wanted: { backend },
  } = decision;
  const message = failures.get(address)?.message ?? '';
  const next = context.next?.(backend, message);
  if (next === undefined) return decision;
  const wanted = { ...decision.wanted, backend: next };
  attempt(() => writeBlock(context.home, wanted));
  failures.delete(address);
  for (const [, error] of applyChanges([{ address, before: undefined, wanted }], context))
    failures.set(address, error);
  return { ...decision, wanted, remark: `${backend} does not work here: ${message}` };
}

/** Decisions whose changes the ledger holds. */
interface Written {
  /** In the order of the given decisions. If another process had changed an entry, its decision was made again. */
  readonly decisions: readonly Decision[];
  /** The errors of writing, by address; an entry with an error may be kept in memory. */
  readonly unwritten: Failures;
}

async function writeLedger(earlier: readonly Decision[], context: ReconcileContext): Promise<Written> {
  const { home, response, writeTogether } = context;
  const together = await writeTogether?.(home, earlier, () => blockReader(home, response));
  const unwritten: Failures = together?.failed ?? new Map();
  const decisions = earlier.map((decision) =>
    together?.done.has(decision) ? decision : writeLatest(decision, context, unwritten),
  );
  return { decisions, unwritten };
}

/**
 * Writes the change of a decision to the ledger. Decides again if another process has changed the entry since the
 * decision, so that a list keeps its part of the block and an operator's block is not shortened.
 *
 * @param unwritten takes the reason when the change is only recorded in memory, or nowhere
 * @returns the decision that was carried out
 */
function writeLatest(decision: Decision, context: ReconcileContext, unwritten: Failures): Decision {
  if (!('before' in decision) || decision.is === 'mend') return decision;
  const { home, response } = context;
  const {
    address: { text: address },
    before,
    again,
  } = decision;
  const fail = (error: RiposteError) => unwritten.set(address, error);
  let isLatest = true;
  const check = () => {
    isLatest = !again || blockReader(home, response).isStill(address, before);
    if (!isLatest) throw new RiposteError(EX.TEMPFAIL, 'the entry has changed');
  };
  const error = attempt(() => {
    check();
    if (decision.is === 'unblock' || before?.damaged) endBlock(home, response, address, fail);
    if (decision.is === 'unblock') return undefined;
    return writeBlock(home, decision.wanted, before?.damaged ? undefined : check);
  });
  if (again && !isLatest) return writeLatest(attempt(again), context, unwritten);
  if (error) fail(error);
  return decision;
}

function conclude(
  decision: Decision,
  failures: Failures,
  unwritten: Failures,
  context: ReconcileContext,
): Outcome {
  if (decision instanceof RiposteError) throw decision;
  if (decision.is === 'done') return decision.outcome;
  const { text } = decision.address;
  const error = failures.get(text);
  if (error) throw error;
  const why = unwritten.get(text);
  const outcome =
    decision.is === 'block'
      ? blocked(decision)
      : decision.is === 'unblock'
        ? unblocked(decision, context, why !== undefined)
        : decision.outcome;
  return asMade(
    why ? { ...outcome, reason: `${outcome.reason}; not recorded: ${why.message}` } : outcome,
    context,
  );
}

function blocked({ address, wanted, isRenewal, answer, remark, instead }: Blocking): Outcome {
  const end = wanted.until === null ? 'until deleted' : `until ${wanted.until}`;
  const remarks = [answer === 'silence' ? 'the manager gave no answer' : [], remark ?? []].flat();
  const reason = `${end}, offence ${wanted.offence}, by ${wanted.backend}`;
  return {
    word: instead?.word ?? (isRenewal ? 'already' : 'blocked'),
    reason: [instead?.reason ?? (isRenewal ? `renewed ${reason}` : reason), ...remarks].join('; '),
    address: address.text,
    block: wanted,
    answer,
  };
}

/**
 * The part of an ended block that must be restored, because another process wrote it just before this request ended the
 * block; undefined if there is none.
 */
const leftOf = (request: Request, ended: Block): Block | undefined => {
  if (request.origin !== undefined) return without(ended, { origin: request.origin });
  return isOfAnother(request, ended) ? ended : undefined;
};

/** Checks that the right block has ended. If a newer alert has blocked the address meanwhile, restores that block. */
function unblocked(unblocking: Unblocking, context: ReconcileContext, isUnwritten: boolean): Outcome {
  const { home, response, executor } = context;
  const { before, request } = unblocking;
  const address = unblocking.address.text;
  const ended = executor.dryRun || isUnwritten ? undefined : readEnded(home, response, address);
  const left = ended && leftOf(request, ended);
  if (left) {
    putBack(home, left);
    const error = applyChanges([{ address, before: ended, wanted: left }], context).get(address);
    if (error) throw error;
    const by = request.origin === undefined ? `alert ${left.alert}` : 'another request';
    return { word: 'kept', reason: `${by} has blocked it again`, address };
  }
  return { word: 'unblocked', reason: endOf(home, before), address, block: before };
}
