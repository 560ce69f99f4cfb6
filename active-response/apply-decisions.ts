import { attempt, RiposteError } from '../base/errors.ts';
import { applyChanges, type LedgerChange } from './apply-changes.ts';
import type { Failures } from './backend/backend.ts';
import { type Blocking, type Decision, isOfAnother, type Unblocking } from './decide.ts';
import {
  type Block,
  type BlockReader,
  blockReader,
  endBlock,
  endOf,
  putBack,
  readEnded,
  writeBlock,
} from './ledger.ts';
import { without } from './lists.ts';
import type { Request } from './protocol/request.ts';
import { asMade, type ReconcileContext } from './reconcile-context.ts';
import type { Outcome } from './record/outcome.ts';

/** The end of one request. */
export type Ended = Outcome | RiposteError;

/**
 * Carries out decisions: first in the ledger, then in the backends, grouped by backend. One failing decision does not
 * stop the others.
 *
 * @param earlier decisions about different addresses
 * @returns the outcome of each request, in the same order
 */
export async function applyDecisions(
  earlier: readonly Decision[],
  context: ReconcileContext,
): Promise<Ended[]> {
  const { dryRun } = context.executor;
  const reader = blockReader(context.home, context.response);
  const decisions = earlier.map((decision) => attempt(() => decidedAnew(decision, reader)));
  const unwritten: Failures = dryRun ? new Map() : await writeLedger(decisions, context);
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

/**
 * Decides again if another process has changed an entry with lists since the decision: each of them keeps its part of
 * the block.
 */
function decidedAnew(decision: Decision, reader: BlockReader): Decision {
  if (!('again' in decision) || !decision.again || decision.before?.damaged) return decision;
  const { address, before } = decision;
  const wanted = 'wanted' in decision ? decision.wanted : undefined;
  const now = attempt(() => reader.read(address.text));
  if (now instanceof RiposteError) return decision;
  const hasLists = [now, before, wanted].some((block) => block?.origins);
  return hasLists && JSON.stringify(now) !== JSON.stringify(before) ? decision.again() : decision;
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

/** @returns the errors of writing, by address; those entries may be kept in memory */
async function writeLedger(
  decisions: readonly Decision[],
  { home, response, writeBlocks }: ReconcileContext,
): Promise<Failures> {
  const blocks = decisions.flatMap((decision) => ('wanted' in decision ? decision.wanted : []));
  const isTogether = writeBlocks !== undefined && blocks.length > 1;
  const failures: Failures = isTogether ? await writeBlocks(home, blocks) : new Map();
  for (const decision of decisions) {
    if (!('before' in decision)) continue;
    const { before } = decision;
    const address = decision.address.text;
    const fail = (error: RiposteError) => failures.set(address, error);
    const error = attempt(() => {
      if (decision.is === 'unblock' || (decision.is === 'block' && before?.damaged))
        endBlock(home, response, address, fail);
      return decision.is === 'block' && !isTogether ? writeBlock(home, decision.wanted) : undefined;
    });
    if (error) fail(error);
  }
  return failures;
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

/** The rest of a block that was ended for a request, if another process has written the entry meanwhile. */
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
    return { word: 'kept', reason: `${by} has blocked it again meanwhile`, address };
  }
  return { word: 'unblocked', reason: endOf(home, before), address, block: before };
}
