import { basename } from 'node:path';
import { type Address, parseAddress } from '../base/address.ts';
import { debug } from '../base/debug.ts';
import { attempt, RiposteError } from '../base/errors.ts';
import type { Executor } from '../base/execute.ts';
import { type Reading, readIfThere } from '../base/files.ts';
import { earliestDelete } from './duration.ts';
import { holdsPrivate, protectedBecause, type Surroundings } from './guard/guard.ts';
import { type Block, hasEnded, type KnownEntries, type LedgerEntries, readEntries } from './ledger.ts';
import { isListedBy, ownPart, serverPart, without } from './lists.ts';
import { networksFor } from './networks.ts';
import { newBlock } from './new-block.ts';
import { readOssecConf } from './ossec-conf.ts';
import type { ManagerReply } from './protocol/handshake.ts';
import { PROTOCOLS, protocolOf, type Request, type Source } from './protocol/request.ts';
import { targetOf } from './protocol/target.ts';
import type { Outcome } from './record/outcome.ts';
import type { RequestContext } from './request-context.ts';

/** The decision about a request. */
export type Decision =
  /** Nothing needs to be done; the outcome is known. */
  | { readonly is: 'done'; readonly outcome: Outcome }
  | Blocking
  | Unblocking
  /** The request is wrong, or cannot be carried out. */
  | RiposteError
  /**
   * The ledger is right already, but the backend may not be, because an earlier delete failed or was killed after it
   * had changed the ledger.
   */
  | {
      readonly is: 'mend';
      readonly address: Address;
      /** The last block, which has ended. */
      readonly before: Block;
      readonly outcome: Outcome;
    };

/** Riposte must ask the manager whether to act on this address. The reply completes the decision. */
export interface Question {
  readonly address: Address;
  /** @throws RiposteError when this host cannot block */
  readonly after: (reply: ManagerReply) => Decision;
}

export interface Blocking {
  readonly is: 'block';
  readonly address: Address;
  /** The block in the ledger now. */
  readonly before: Block | undefined;
  readonly wanted: Block;
  /** True when the address is blocked already, and a manager's further alert only renews the block. */
  readonly isRenewal: boolean;
  /** The manager's answer; undefined if the answer was to continue. */
  readonly answer: Outcome['answer'];
  /** A sentence for the log about a fault that did not prevent this block. */
  readonly remark?: string | undefined;
  readonly again?: Again;
  /** The list or program that asks for the block. */
  readonly origin?: string | undefined;
  /** The outcome, if it is not a new block. */
  readonly instead?: Pick<Outcome, 'word' | 'reason'> | undefined;
}

export interface Unblocking {
  readonly is: 'unblock';
  readonly address: Address;
  readonly before: Block;
  readonly request: Request;
  readonly again?: Again;
}

/** Decides again, by the present ledger entry. */
export type Again = () => Decision;

/** The options for reading ar.conf, which has a few hundred bytes on a manager. */
const AR_CONF: Reading = { longest: 1024 * 1024, followsLinks: true };

/** A manager's delete may come this many milliseconds before its timeout, because execd counts whole seconds. */
const TOLERANCE = 2000;

/**
 * Says whether a person sent the request. `maybe` for OSSEC's arguments, because scripts use them, too, and for a scan,
 * because a person may have started it.
 */
const byHandOf = (source: Source): Surroundings['byHand'] =>
  source === 'operator' || source === 'list'
    ? 'on a terminal'
    : protocolOf(source) === 'ossec'
      ? 'maybe'
      : 'no';

/** Returns the reason why an address is never blocked; undefined when it may be. */
export type Guard = (address: Address, surroundings: Surroundings) => string | undefined;

/**
 * Decides about a request: checks the address against the guard and works out its ledger entry. Changes nothing.
 *
 * @param read reads the manager's files
 * @param known returns ledger entries that were read before; absent: this function reads the entries
 * @throws RiposteError when the request is wrong, or this host cannot block
 */
export function decide(
  request: Request,
  context: RequestContext,
  executor: Executor,
  guard: Guard = protectedBecause,
  read = readIfThere,
  known?: KnownEntries,
): Decision | Question {
  const { home, settings, env, response } = context;
  debug('request', () => request);
  const host = targetOf(request);
  const networks = response.takesPrefixes?.(settings) === false ? [] : networksFor(host, request, settings);
  const presentEntries = ({ text }: Address) => readEntries(home, response.name, text);
  const entriesOf = (each: Address) => known?.(each.text) ?? presentEntries(each);
  if (request.command === 'delete') {
    const isOfNetwork = networks.length > 0 && !entriesOf(host).current;
    const blocked = (isOfNetwork && networks.find((each) => entriesOf(each).current)) || host;
    const by = (entries: LedgerEntries): Decision => {
      const decision = decideDelete(request, blocked, entries, context, read);
      return 'request' in decision || 'wanted' in decision ? { ...decision, again } : decision;
    };
    const again = () => by(presentEntries(blocked));
    return by(entriesOf(blocked));
  }
  const ossecConf = readOssecConf(home, read);
  const byHand = byHandOf(request.source);
  const allowPrivate = holdsPrivate(settings, request.source);
  const isListed = request.source === 'list';
  const around = {
    allowList: home.allowList,
    env,
    ossecConf,
    executor,
    allowPrivate,
    byHand,
    isListed,
  } as const;
  // A wider block must not contain a protected address, either.
  const whyNot = (each: Address) =>
    guard(response.itemOf ? parseAddress(response.itemOf(each.text)) : each, around);
  const network = networks.find((each) => !whyNot(each));
  const address = network ?? host;
  const entries = entriesOf(address);
  debug('ledger', () => entries);
  const why = network ? undefined : whyNot(host);
  debug('guard', () => why ?? `${address.text} may be blocked`);
  if (why !== undefined) return done(address, 'held', `${address.text} is never blocked: ${why}`);
  const question = (asked: LedgerEntries, wasBlocked = asked.current !== undefined): Question => ({
    address,
    after(reply) {
      const { current: before } = asked;
      // execd has renewed its own timer, so a block that the ledger held must be renewed as well.
      if (reply === 'abort' && !wasBlocked) {
        const reason = 'the manager says that it is blocked';
        return { is: 'done', outcome: { word: 'already', reason, address: address.text, answer: reply } };
      }
      // Without ar.conf the block has no end of its own. Such a block is better than none.
      const arConf = attempt(() => read(home.arConf, AR_CONF));
      const [text, remark] =
        arConf instanceof RiposteError ? [undefined, arConf.message] : [arConf, undefined];
      const wanted = newBlock(request, context, address.text, asked, { ossecConf, arConf: text });
      debug('block', () => ({ reply, ...wanted }));
      const answer = reply === 'continue' ? undefined : reply;
      const { origin } = request;
      const isListedAgain = origin !== undefined && isListedBy(origin, before);
      if (
        isListedAgain &&
        before &&
        !before.failed &&
        before.until === null &&
        wanted.origins?.[origin] === null
      )
        return done(address, 'already', `${origin} has listed it`);
      const instead = isListedAgain
        ? ({ word: 'already', reason: 'it is listed again' } as const)
        : undefined;
      const isRenewal =
        origin === undefined && !context.isRetry && isManagers(request.source) && renews(before, wanted);
      const again = () => question(presentEntries(address), wasBlocked).after(reply);
      return { is: 'block', address, before, wanted, isRenewal, answer, remark, instead, again, origin };
    },
  });
  return question(entries);
}

const isManagers = (source: Source): boolean => PROTOCOLS.some((protocol) => protocol === source);

/**
 * True when the block is in force, and the new one is neither severer nor by another backend. A scan raises many alerts,
 * and each block that is recorded raises another alert and a mail.
 */
function renews(block: Block | undefined, wanted: Block): boolean {
  // A block that only lists ask for is not this host's own.
  const before = ownPart(block, Date.now());
  if (!before || before.damaged !== undefined || before.failed !== undefined) return false;
  const isSeverer = wanted.severe === true && before.severe !== true;
  return !hasEnded(before, Date.now()) && before.backend === wanted.backend && !isSeverer;
}

function decideDelete(
  request: Request,
  address: Address,
  { current, last }: LedgerEntries,
  context: RequestContext,
  read: typeof readIfThere,
): Decision {
  const { settings, isRetry } = context;
  if (!current) {
    const end =
      last && isRetry
        ? done(address, 'unblocked', `by ${last.backend}, since ${last.since}`)
        : done(address, 'already', 'the address was not blocked');
    return last ? { ...end, is: 'mend', address, before: last } : end;
  }
  const byHand = request.source === 'operator';
  const { origin } = request;
  if (origin !== undefined && !isListedBy(origin, current))
    return done(address, 'already', `${origin} did not list it`);
  const { origins, ownUntil, damaged } = current;
  if (origin === undefined && origins && ownUntil === undefined && !byHand)
    return done(address, 'kept', listedBy(origins));
  const left = byHand || damaged ? undefined : without(current, origin === undefined ? 'own' : { origin });
  const end: Unblocking | Blocking = left
    ? keep(address, current, left)
    : { is: 'unblock', address, before: current, request };
  if (origin !== undefined) return end;
  const until = ownUntil === undefined ? current.until : ownUntil;
  const { blockFor } = settings;
  const hasTime = damaged
    ? false
    : until === null
      ? !blockFor.every(Number.isFinite)
      : !hasEnded({ until }, Date.now());
  if (blockFor.length > 0 && !byHand && hasTime)
    return done(address, 'kept', `BLOCK_FOR keeps it ${until === null ? 'for ever' : `until ${until}`}`);
  if (current.isOwn && !byHand) return done(address, 'kept', 'an operator has blocked it with riposte block');
  if (isOfAnother(request, current))
    return done(address, 'kept', `alert ${current.alert} has blocked it since`);
  const ofServer = byHand ? undefined : serverPart(current, Date.now());
  if (ofServer) return keep(address, current, ofServer);
  if (!settings.releaseOnStop && !byHand && !damaged && isEarly(request, until, context, read))
    return done(address, 'kept', `RELEASE_ON_STOP=no keeps it until ${until}`);
  return end;
}

const listedBy = (origins: object): string => `listed by ${Object.keys(origins).join(', ')}`;

/** The decision to keep the rest of a block. */
function keep(address: Address, before: Block, wanted: Block): Blocking {
  const end = wanted.until === null ? 'until deleted' : `until ${wanted.until}`;
  const by = wanted.origins ? listedBy(wanted.origins) : 'blocked here';
  const instead = { word: 'kept', reason: `${by}, ${end}` } as const;
  return { is: 'block', address, before, wanted, isRenewal: false, answer: undefined, instead };
}

/** True for a delete that comes before the manager's own timeout: the manager is stopping. */
function isEarly(
  request: Request,
  until: Block['until'],
  { home, script }: RequestContext,
  read: typeof readIfThere,
): boolean {
  const files = { arConf: read(home.arConf, AR_CONF), ossecConf: readOssecConf(home, read) };
  const earliest = earliestDelete(until, request, basename(script), files);
  return earliest !== undefined && Date.now() < earliest - TOLERANCE;
}

function done({ text }: Address, word: Outcome['word'], reason: string) {
  return { is: 'done', outcome: { word, reason, address: text } } as const;
}

/**
 * True when the delete is for an earlier block than the ledger's. OSSEC's execd starts the delete of an expired alert
 * and the add of the next alert at the same instant, and they may finish in either order. The delete carries the id of
 * the alert whose add it undoes (seen with execd of OSSEC 4.2).
 */
export function isOfAnother({ source, alertId }: Request, { alert }: Block): boolean {
  const areAlerts = [alertId, alert].every((id) => id !== undefined && /^\d+\.\d+$/.test(id));
  return protocolOf(source) === 'ossec' && areAlerts && alertId !== alert;
}
