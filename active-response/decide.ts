import { type Address, parseTarget } from './address.ts';
import type { Circumstances } from './circumstances.ts';
import type { RiposteError } from './errors.ts';
import { readIfThere } from './files.ts';
import { protectedBecause, type Surroundings } from './guard/guard.ts';
import { type Block, hasEnded, readBlock, readEnded } from './ledger.ts';
import { newBlock } from './new-block.ts';
import type { Outcome } from './outcome.ts';
import type { Answer } from './protocol/handshake.ts';
import type { Request } from './protocol/request.ts';
import type { Settling } from './settle.ts';

/** What is to be done about a request. */
export type Decision =
  /** Nothing: this is how it ends. */
  | { readonly is: 'done'; readonly outcome: Outcome }
  /** The manager is to be asked first whether to act on this address. */
  | { readonly is: 'ask'; readonly address: Address; readonly answered: (answer: Answer) => Decision }
  | Blocking
  | Unblocking
  | { readonly is: 'failed'; readonly error: RiposteError }
  /** The ledger is right already, but the backend may not be: an earlier delete failed, or was killed, between them. */
  | {
      readonly is: 'mend';
      readonly address: Address;
      readonly last: Block;
      readonly outcome: Outcome;
    };

export interface Blocking {
  readonly is: 'block';
  readonly address: Address;
  /** What the ledger says now. */
  readonly before: Block | undefined;
  readonly wanted: Block;
  /** What the manager answered, where that was not to go on. */
  readonly answer: Outcome['answer'];
}

export interface Unblocking {
  readonly is: 'unblock';
  readonly address: Address;
  readonly before: Block;
  readonly request: Request;
}

/** How an address is looked up among those that are never blocked. */
export type Guard = (address: Address, around: Surroundings) => string | undefined;

/**
 * Request → guard → what the ledger is to say. Changes nothing.
 *
 * @throws RiposteError when the request is wrong, or no block could be made here
 */
export function decide(
  request: Request,
  around: Omit<Circumstances, 'ask'>,
  settling: Settling,
  guard: Guard = protectedBecause,
): Decision {
  const { home, settings, env } = around;
  const address = parseTarget(request.address);
  const before = readBlock(home, around.response.name, address.text);
  if (request.command === 'delete') return decideDelete(request, address, before, around, settling);
  const ossecConf = readIfThere(home.ossecConf);
  const surroundings: Surroundings = {
    home,
    env,
    ossecConf,
    executor: settling.executor,
    allowPrivate: settings.allowPrivate,
    byHand: around.byHand ? 'on a terminal' : request.protocol === 'ossec' ? 'maybe' : 'no',
  };
  const why = guard(address, surroundings);
  if (why !== undefined) return done(address, 'held', `${address.text} is never blocked: ${why}`);
  return {
    is: 'ask',
    address,
    answered(answer) {
      // execd has renewed its own timer; a block that we still know of must not end before that.
      if (answer === 'abort' && !before) {
        const { outcome } = done(address, 'already', 'the manager says that it is blocked');
        return { is: 'done', outcome: { ...outcome, answer } };
      }
      const wanted = newBlock(request, around, address.text, before, ossecConf);
      return { is: 'block', address, before, wanted, answer: answer === 'continue' ? undefined : answer };
    },
  };
}

function decideDelete(
  request: Request,
  address: Address,
  before: Block | undefined,
  around: Pick<Circumstances, 'settings' | 'byHand' | 'isRetry'>,
  { home, response }: Settling,
): Decision {
  if (!before) {
    const last = readEnded(home, response, address.text);
    const { outcome } =
      last && around.isRetry
        ? done(address, 'unblocked', `by ${last.backend}, since ${last.since}`)
        : done(address, 'already', 'it was not blocked');
    return last ? { is: 'mend', address, last, outcome } : { is: 'done', outcome };
  }
  const hasTime = before.until !== null && !hasEnded(before, Date.now());
  const keeps = around.settings.blockFor.length > 0 && !around.byHand && hasTime;
  if (keeps) return done(address, 'kept', `BLOCK_FOR keeps it until ${before.until}`);
  if (before.isOwn && !around.byHand)
    return done(address, 'kept', 'a person has blocked it by riposte block');
  if (isOfAnother(request, before))
    return done(address, 'kept', `alert ${before.alert} has blocked it since`);
  return { is: 'unblock', address, before, request };
}

function done({ text }: Address, word: Outcome['word'], reason: string) {
  return { is: 'done', outcome: { word, reason, address: text } } as const;
}

/**
 * True when the delete is for an earlier block than the one the ledger holds. OSSEC's execd starts the delete
 * that an alert has timed out for and the add of the next alert in the same instant, and either may be the
 * slower; the delete carries the id of the alert whose add it undoes (seen with execd of OSSEC 4.2).
 */
export function isOfAnother({ protocol, alertId }: Request, { alert }: Block): boolean {
  const areAlerts = [alertId, alert].every((id) => id !== undefined && /^\d+\.\d+$/.test(id));
  return protocol === 'ossec' && areAlerts && alertId !== alert;
}
