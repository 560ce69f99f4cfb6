import { type Address, parseTarget } from './address.ts';
import { dryExecutor, realExecutor } from './backend/execute.ts';
import type { Circumstances, Place } from './circumstances.ts';
import { EX, RiposteError } from './errors.ts';
import { readIfThere } from './files.ts';
import { protectedBecause, type Surroundings } from './guard/guard.ts';
import { type Block, dropBlock, endBlock, hasEnded, readBlock, readEnded, writeBlock } from './ledger.ts';
import { newBlock } from './new-block.ts';
import type { Outcome } from './outcome.ts';
import type { Request } from './protocol/request.ts';
import { applyDifference, type Settling, settle } from './settle.ts';

/**
 * The one path that every block and unblock takes: request → guard → ledger → backend.
 *
 * @throws RiposteError when the request is wrong or could not be carried out; then the ledger says so too
 */
export async function respond(request: Request, around: Circumstances): Promise<Outcome> {
  const { home, settings, env } = around;
  const address = parseTarget(request.address);
  const settling = settlingOf(around);
  const before = readBlock(home, around.response.name, address.text);
  if (request.command === 'delete') return unblock(request, address, before, around, settling);
  const ossecConf = readIfThere(home.ossecConf);
  const surroundings: Surroundings = {
    home,
    env,
    ossecConf,
    executor: settling.executor,
    allowPrivate: settings.allowPrivate,
    byHand: around.byHand ? 'on a terminal' : request.protocol === 'ossec' ? 'maybe' : 'no',
  };
  const why = protectedBecause(address, surroundings);
  if (why !== undefined)
    return { word: 'held', reason: `${address.text} is never blocked: ${why}`, address: address.text };
  const answer = await around.ask(address.text);
  // execd has renewed its own timer; a block that we still know of must not end before that.
  if (answer === 'abort' && !before) {
    return { word: 'already', reason: 'the manager says that it is blocked', address: address.text, answer };
  }
  const wanted = newBlock(request, around, address.text, before, ossecConf);
  const outcome = block(address, wanted, before, settling);
  if (answer === 'continue') return outcome;
  const reason = answer === 'silence' ? `${outcome.reason}; the manager gave no answer` : outcome.reason;
  return { ...outcome, reason, answer };
}

/** Ledger first, then the backend. When that fails the ledger says so, and a sweep tries again. */
function block(address: Address, wanted: Block, before: Block | undefined, settling: Settling): Outcome {
  const { home, executor } = settling;
  if (executor.dryRun) applyDifference(address, before, wanted, settling);
  else {
    writeBlock(home, wanted);
    try {
      settle(address, before, settling);
    } catch (error) {
      if (!(error instanceof RiposteError)) throw error;
      if (!before && FINAL.has(error.exitCode)) dropBlock(home, wanted);
      else writeBlock(home, { ...wanted, failed: error.message });
      throw error;
    }
  }
  const end = wanted.until === null ? 'until deleted' : `until ${wanted.until}`;
  const reason = `${end}, offence ${wanted.offence}, by ${wanted.backend}`;
  return { word: 'blocked', reason, address: address.text, block: wanted };
}

/** Failures that will be the same at the next try: the block is not kept as one to be made good. */
const FINAL = new Set<number>([EX.CONFIG, EX.CANTCREAT]);

function unblock(
  request: Request,
  address: Address,
  before: Block | undefined,
  around: Circumstances,
  settling: Settling,
): Outcome {
  const { home, response, executor } = settling;
  if (!before) {
    // An earlier delete may have failed, or been killed, behind the ledger and before the backend.
    const last = readEnded(home, response, address.text);
    if (last && !executor.dryRun) settle(address, last, settling);
    return { word: 'already', reason: 'it was not blocked', address: address.text };
  }
  const hasTime = before.until !== null && !hasEnded(before, Date.now());
  const keeps = around.settings.blockFor.length > 0 && !around.byHand && hasTime;
  if (keeps) return kept(address, `BLOCK_FOR keeps it until ${before.until}`);
  if (before.isOwn && !around.byHand) return kept(address, 'a person has blocked it by riposte block');
  if (isOfAnother(request, before)) return kept(address, `alert ${before.alert} has blocked it since`);
  endAndSettle(address, before, settling);
  const ended = executor.dryRun ? undefined : readEnded(home, response, address.text);
  if (ended && isOfAnother(request, ended)) {
    writeBlock(home, ended);
    settle(address, undefined, settling);
    return kept(address, `alert ${ended.alert} has blocked it meanwhile`);
  }
  const reason = `by ${before.backend}, since ${before.since}`;
  return { word: 'unblocked', reason, address: address.text, block: before };
}

const kept = (address: Address, reason: string): Outcome => ({ word: 'kept', reason, address: address.text });

/**
 * True when the delete is for an earlier block than the one the ledger holds. OSSEC's execd starts the delete
 * that an alert has timed out for and the add of the next alert in the same instant, and either may be the
 * slower; the delete carries the id of the alert whose add it undoes (seen with execd of OSSEC 4.2).
 */
function isOfAnother({ protocol, alertId }: Request, { alert }: Block): boolean {
  const areAlerts = [alertId, alert].every((id) => id !== undefined && /^\d+\.\d+$/.test(id));
  return protocol === 'ossec' && areAlerts && alertId !== alert;
}

/** Ends a block in the ledger, and then in its backend. */
export function endAndSettle(address: Address, before: Block, settling: Settling): void {
  if (settling.executor.dryRun) applyDifference(address, before, undefined, settling);
  else if (endBlock(settling.home, settling.response, address.text)) settle(address, before, settling);
}

/** What it takes to bring a response's backends in line with its ledger. */
export function settlingOf({ response, home, settings, env, dryRun }: Place): Settling {
  const executor = dryRun
    ? dryExecutor(settings.commandTimeout, env, dryRun)
    : realExecutor(settings.commandTimeout, env);
  const backendOf = (name: string) => {
    const make = Object.hasOwn(response.backends, name) ? response.backends[name] : undefined;
    if (make === undefined) throw new RiposteError(EX.SOFTWARE, `${response.name} has no backend ${name}`);
    return make(settings, home);
  };
  return { home, response: response.name, backendOf, executor };
}
