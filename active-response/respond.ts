import type { Address } from './address.ts';
import { dryExecutor, type Executor, realExecutor } from './backend/execute.ts';
import type { Circumstances, Place } from './circumstances.ts';
import { type Blocking, type Decision, decide, isOfAnother, type Unblocking } from './decide.ts';
import { EX, RiposteError } from './errors.ts';
import { type Block, dropBlock, endBlock, readEnded, writeBlock } from './ledger.ts';
import type { Outcome } from './outcome.ts';
import type { Request } from './protocol/request.ts';
import { applyDifference, type Settling, settle } from './settle.ts';

/**
 * The one path that every block and unblock takes: request → guard → ledger → backend.
 *
 * @throws RiposteError when the request is wrong or could not be carried out; then the ledger says so too
 */
export async function respond(request: Request, around: Circumstances): Promise<Outcome> {
  const settling = settlingOf(around);
  let decision = decide(request, around, settling);
  if (decision.is === 'ask') decision = decision.answered(await around.ask(decision.address.text));
  return carryOutDecision(decision, settling);
}

/** Does what was decided about one request. @throws RiposteError when it could not be done */
export function carryOutDecision(decision: Decision, settling: Settling): Outcome {
  switch (decision.is) {
    case 'done':
      return decision.outcome;
    case 'ask':
      return carryOutDecision(decision.answered('continue'), settling);
    case 'failed':
      throw decision.error;
    case 'mend':
      if (!settling.executor.dryRun) settle(decision.address, decision.last, settling);
      return decision.outcome;
    case 'block':
      return block(decision, settling);
    case 'unblock':
      return unblock(decision, settling);
  }
}

/** Ledger first, then the backend. When that fails the ledger says so, and a sweep tries again. */
function block(decision: Blocking, settling: Settling): Outcome {
  const { address, before, wanted } = decision;
  const { home, executor } = settling;
  if (executor.dryRun) applyDifference(address, before, wanted, settling);
  else {
    writeBlock(home, wanted);
    try {
      settle(address, before, settling);
    } catch (error) {
      if (error instanceof RiposteError) noteFailure(decision, error, settling);
      throw error;
    }
  }
  return blocked(decision);
}

/** Has the ledger say why a block could not be made. */
export function noteFailure({ before, wanted }: Blocking, error: RiposteError, { home }: Settling): void {
  if (!before && FINAL.has(error.exitCode)) dropBlock(home, wanted);
  else writeBlock(home, { ...wanted, failed: error.message });
}

/** Failures that will be the same at the next try: the block is not kept as one to be made good. */
const FINAL = new Set<number>([EX.CONFIG, EX.CANTCREAT]);

export function blocked({ address, wanted, answer }: Blocking): Outcome {
  const end = wanted.until === null ? 'until deleted' : `until ${wanted.until}`;
  const remark = answer === 'silence' ? '; the manager gave no answer' : '';
  const reason = `${end}, offence ${wanted.offence}, by ${wanted.backend}${remark}`;
  return { word: 'blocked', reason, address: address.text, block: wanted, answer };
}

function unblock(decision: Unblocking, settling: Settling): Outcome {
  endAndSettle(decision.address, decision.before, settling);
  return unblocked(decision, settling);
}

/** Looks whether what has ended was the block that was meant; one that has come meanwhile is put back. */
export function unblocked({ address, before, request }: Unblocking, settling: Settling): Outcome {
  const { home, response, executor } = settling;
  const ended = executor.dryRun ? undefined : readEnded(home, response, address.text);
  if (ended && isOfAnother(request, ended)) {
    writeBlock(home, ended);
    settle(address, undefined, settling);
    const reason = `alert ${ended.alert} has blocked it meanwhile`;
    return { word: 'kept', reason, address: address.text };
  }
  const reason = `by ${before.backend}, since ${before.since}`;
  return { word: 'unblocked', reason, address: address.text, block: before };
}

/** Ends a block in the ledger, and then in its backend. */
export function endAndSettle(address: Address, before: Block, settling: Settling): void {
  if (settling.executor.dryRun) applyDifference(address, before, undefined, settling);
  else if (endBlock(settling.home, settling.response, address.text)) settle(address, before, settling);
}

/** What it takes to bring a response's backends in line with its ledger. */
export function settlingOf(
  { response, home, settings, env, dryRun }: Place,
  makeExecutor: (timeout: number, env: NodeJS.ProcessEnv) => Executor = realExecutor,
): Settling {
  const executor = dryRun
    ? dryExecutor(settings.commandTimeout, env, dryRun)
    : makeExecutor(settings.commandTimeout, env);
  const backendOf = (name: string) => {
    const make = Object.hasOwn(response.backends, name) ? response.backends[name] : undefined;
    if (make === undefined) throw new RiposteError(EX.SOFTWARE, `${response.name} has no backend ${name}`);
    return make(settings, home);
  };
  return { home, response: response.name, backendOf, executor };
}
