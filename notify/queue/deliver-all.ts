import { setTimeout as sleep } from 'node:timers/promises';
import type { Home } from '../../active-response/home.ts';
import type { Result } from '../../active-response/record/result.ts';
import { counted } from '../../base/counted.ts';
import { EX } from '../../base/errors.ts';
import { messageOf } from '../message/message.ts';
import { blocksOf } from '../message/what-was-done.ts';
import { type Channel, Unreachable } from './delivery.ts';
import type { DeliveryContext } from './delivery-context.ts';
import { deliveryOutcome, waiting } from './delivery-outcome.ts';
import { mergeAll, withoutMerged } from './queue.ts';
import { type Allowance, afterOne, allowanceAt } from './rate.ts';
import { countIn, dropMessage, failMessage, messagesIn, putMessage, type QueuedMessage } from './spool.ts';
import { type ChannelState, readState, writeState } from './state.ts';

/** The number of queued messages that are read at once. */
const MOST = 1000;
/** The time after which Riposte no longer tries to send a message, in milliseconds: five days, as in mail servers. */
const LONGEST = 5 * 86_400_000;
/**
 * execd starts all responses at once, so a block may follow this hook. Until the alert has this age, in milliseconds,
 * the message must not say that no response blocks the address.
 */
const RESPONSE_TIME = 2000;

/**
 * Sends the queued messages of one channel: one message for each alert, but when MAIL_RATE allows only one more
 * message, a digest of the remaining alerts.
 *
 * @returns false when the server could not be used
 */
export async function deliverAll(
  channel: Channel,
  { home, settings, onOutcome }: DeliveryContext,
): Promise<boolean> {
  const queue = withoutMerged(home, messagesIn(home, channel.name, MOST));
  while (queue.length > 0) {
    const allowance = allowanceAt(stateOf(home, channel).allowance, settings.mailRate, Date.now());
    if (allowance.messages < 1) break;
    const queued = nextOf(queue, allowance, home);
    try {
      for (const each of await deliver(queued, channel, home)) onOutcome(each);
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      onOutcome(reportUnreachable(channel, error.message, home));
      return false;
    }
    writeState(home, { ...readState(home), [channel.name]: { allowance: afterOne(allowance) } });
  }
  return true;
}

/** Returns the next message. When MAIL_RATE allows only one more message, returns a digest of all queued messages. */
function nextOf(queue: QueuedMessage[], { messages }: Allowance, home: Home): QueuedMessage {
  const isLast = Math.floor(messages) === 1;
  return (isLast && queue.length > 1 ? mergeAll(queue, home) : undefined) ?? (queue.shift() as QueuedMessage);
}

/** @throws Unreachable when the server cannot be used; the message stays in the queue */
async function deliver(queued: QueuedMessage, channel: Channel, home: Home): Promise<Result[]> {
  const to = pendingOf(queued, channel);
  const isOld = Date.now() - Date.parse(queued.notices[0]?.time ?? '') > LONGEST;
  await waitForResponses(queued, home);
  putMessage(home, { ...queued, begun: true });
  try {
    const { accepted, refused, deferred, said } = await channel.deliver(queued, messageOf(queued, home), to);
    const [reason] = Object.entries(deferred).map(([recipient, why]) => `${recipient}: ${why}`);
    const after: QueuedMessage = {
      ...queued,
      done: [...queued.done, ...accepted],
      refused: { ...queued.refused, ...refused },
      reason,
    };
    const told = [
      ...(accepted.length > 0
        ? [deliveryOutcome(queued, 'sent', `to ${accepted.join(', ')}: ${said}`, EX.OK)]
        : []),
      ...Object.entries(refused).map(([recipient, why]) =>
        refusal(queued, `${recipient} refuses the message: ${why}`),
      ),
    ];
    if (pendingOf(after, channel).length > 0) {
      if (isOld) return [...told, giveUp(after, reason ?? 'no recipient accepted the message', home)];
      putMessage(home, after);
      const isKnown = reason === queued.reason;
      return [
        ...told,
        deliveryOutcome(queued, 'spooled', `${reason}; Riposte will try again`, EX.TEMPFAIL, isKnown),
      ];
    }
    if (Object.keys(after.refused).length > 0) failMessage(home, after);
    else dropMessage(home, after);
    return told;
  } catch (error) {
    if (!(error instanceof Unreachable)) {
      putMessage(home, queued);
      throw error;
    }
    putMessage(home, { ...queued, begun: queued.begun || error.isOpen || undefined, reason: error.message });
    if (isOld) giveUp(queued, error.message, home);
    throw error;
  }
}

function giveUp(queued: QueuedMessage, why: string, home: Home): Result {
  const reason = `Riposte gave up after ${LONGEST / 86_400_000} days: ${why}`;
  failMessage(home, { ...queued, reason });
  return refusal(queued, reason);
}

const refusal = (queued: QueuedMessage, why: string): Result =>
  deliveryOutcome(
    queued,
    'failed',
    `${why}; Riposte keeps the message: to send it again, run riposte mail --retry`,
    EX.UNAVAILABLE,
  );

const pendingOf = ({ done, refused }: QueuedMessage, { recipients }: Channel): string[] =>
  recipients.filter((each) => !done.includes(each) && !Object.hasOwn(refused, each));

/** Waits, because a response that blocks the address may have started a moment after this hook. */
async function waitForResponses({ notices }: QueuedMessage, home: Home): Promise<void> {
  const [only, another] = notices;
  if (only === undefined || another !== undefined || blocksOf(home, only.address).length > 0) return;
  const wait = RESPONSE_TIME - (Date.now() - Date.parse(only.time));
  if (wait > 0) await sleep(Math.min(wait, RESPONSE_TIME));
}

/** Reports once that the server cannot be used, and records it for riposte doctor. */
function reportUnreachable(channel: Channel, why: string, home: Home): Result {
  const { allowance, trouble, since } = stateOf(home, channel);
  const now = new Date().toISOString();
  const state: ChannelState = { allowance, trouble: why, since: since ?? now, tried: now };
  writeState(home, { ...readState(home), [channel.name]: state });
  const count = countIn(home, channel.name);
  const what = counted(count, 'message waits', 'messages wait');
  return waiting(`${what} for ${channel.server}: ${why}; Riposte will try again`, trouble === why);
}

const stateOf = (home: Home, { name }: Channel): ChannelState => readState(home)[name] ?? {};
