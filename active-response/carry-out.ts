import type { Entry } from './active-responses-log.ts';
import { parseAddress } from './address.ts';
import { applyMany } from './backend/apply-many.ts';
import type { Change, Failures } from './backend/backend.ts';
import { EX, type ExitCode, RiposteError } from './errors.ts';
import { amendBlock, type Block, readBlock } from './ledger.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import { type Known, type Settling, secondsLeft, settle } from './settle.ts';

/** One address that a sweep has to see to. */
export interface Work {
  readonly address: string;
  /** What is in place, or will be by the change. */
  readonly known: Known & Partial<Block>;
  /** What the ledger says of it, as far as this process knows. */
  readonly wanted: Block | undefined;
  /** Absent where there is nothing to do but to look again. */
  readonly change?: Change['verb'] | undefined;
  /** Absent where there is nothing to tell. */
  readonly outcome?: Outcome;
}

/** One thing that a sweep did, or could not do. */
export interface Swept extends Entry {
  readonly outcome: Outcome;
  /** OK, or that of the failure. */
  readonly exitCode: ExitCode;
  /** True for a failure that was told in the same words before: not for the log again. */
  readonly isKnown: boolean;
}

/**
 * Carries works out, those of one backend in one go. Then it looks at the ledger again: what another process
 * has changed there meanwhile is settled by itself.
 *
 * @param works of different addresses
 */
export function carryOut(works: readonly Work[], settling: Settling): Swept[] {
  const failures = applyChanges(works, settling);
  if (settling.executor.dryRun)
    return works.flatMap(({ outcome, known }) => (outcome ? entry(outcome, known) : []));
  return works.flatMap((work) => {
    const error = failures.get(work.address);
    try {
      return [...conclude(work, error, settling), ...lookAgain(work, error, settling)];
    } catch (thrown) {
      return [failure(thrown, work.address)];
    }
  });
}

function applyChanges(works: readonly Work[], { backendOf, executor }: Settling): Failures {
  const failures: Failures = new Map();
  const byBackend = new Map<string, Change[]>();
  for (const { address: text, change: verb, known } of works) {
    if (verb === undefined) continue;
    try {
      // Not parseTarget: what nobody may block is taken out all the same.
      const address = parseAddress(text);
      const seconds = verb === 'block' && known.until ? secondsLeft({ until: known.until }) : undefined;
      const change: Change = { verb, address, seconds, known: known.failed === undefined };
      const others = byBackend.get(known.backend);
      if (others) others.push(change);
      else byBackend.set(known.backend, [change]);
    } catch (error) {
      if (!(error instanceof RiposteError)) throw error;
      failures.set(text, error);
    }
  }
  for (const [name, changes] of byBackend)
    for (const [address, error] of applyMany(backendOf(name), changes, executor))
      failures.set(address, error);
  return failures;
}

/** Tells how it ended, in the ledger too where that holds why a block has failed. */
function conclude(work: Work, error: RiposteError | undefined, { home }: Settling): Swept[] {
  const { known, wanted, outcome, change } = work;
  const after = afterwards(work, error);
  if (wanted && after && after.failed !== wanted.failed) amendBlock(home, wanted, after);
  if (error === undefined) return outcome ? [entry(outcome, known)] : [];
  const isKnown = change === 'block' && known.failed === error.message;
  return [{ ...failure(error, work.address), isKnown }];
}

/** What the ledger should say in the end. */
function afterwards({ wanted, change }: Work, error: RiposteError | undefined): Block | undefined {
  if (wanted === undefined || change !== 'block') return wanted;
  const { failed, ...rest } = wanted;
  return error === undefined ? rest : { ...rest, failed: error.message };
}

function lookAgain(work: Work, error: RiposteError | undefined, settling: Settling): Swept[] {
  const { address, known } = work;
  const now = readBlock(settling.home, settling.response, address);
  if (JSON.stringify(now) !== JSON.stringify(afterwards(work, error)))
    settle(parseAddress(address), known, settling);
  return [];
}

function entry(outcome: Outcome, { rule, alert }: Partial<Block>): Swept {
  const command = outcome.word === 'unblocked' ? 'delete' : 'add';
  const request = {
    protocol: 'ossec',
    command,
    address: outcome.address ?? '',
    ruleId: rule,
    alertId: alert,
  } as const;
  return { request, outcome, exitCode: EX.OK, isKnown: false };
}

/** A failure as something that a sweep tells. @throws what is no RiposteError */
export function failure(error: unknown, address?: string): Swept {
  if (!(error instanceof RiposteError)) throw error;
  const { exitCode, message } = error;
  const outcome: Outcome = { ...outcomeOf(error, address), word: 'failed', reason: message };
  return { request: { protocol: 'ossec', address }, outcome, exitCode, isKnown: false };
}
