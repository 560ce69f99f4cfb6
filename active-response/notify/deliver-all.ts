import { setTimeout as sleep } from 'node:timers/promises';
import type { Swept } from '../carry-out.ts';
import { EX } from '../errors.ts';
import type { Home } from '../home.ts';
import { type Channel, Unreachable } from './delivery.ts';
import { messageOf } from './message.ts';
import type { Office } from './post.ts';
import { posted, waiting } from './posted.ts';
import { mergeAll, withoutMerged } from './queue.ts';
import { type Allowance, afterOne, allowanceAt } from './rate.ts';
import { countIn, dropLetter, failLetter, type Letter, lettersIn, putLetter } from './spool.ts';
import { type ChannelState, readState, writeState } from './state.ts';
import { blocksOf } from './what-was-done.ts';

/** How many letters are read at once. */
const MOST = 1000;
/** After how many milliseconds a letter is not tried any more: five days, as mail servers do. */
const LONGEST = 5 * 86_400_000;
/** How old an alert must be, in milliseconds, before it is told that nothing blocks its address: execd starts all at once. */
const SETTLED = 2000;

/**
 * Sends what waits for one channel: one message an alert, and what MAIL_RATE leaves no message for in one.
 *
 * @returns whether the server could be used
 */
export async function deliverAll(channel: Channel, { home, settings, tell }: Office): Promise<boolean> {
  const queue = withoutMerged(home, lettersIn(home, channel.name, MOST));
  while (queue.length > 0) {
    const allowance = allowanceAt(stateOf(home, channel).allowance, settings.mailRate, Date.now());
    if (allowance.messages < 1) break;
    const letter = nextOf(queue, allowance, home);
    try {
      for (const each of await deliver(letter, channel, home)) tell(each);
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      tell(inTrouble(channel, error.message, home));
      return false;
    }
    writeState(home, { ...readState(home), [channel.name]: { allowance: afterOne(allowance) } });
  }
  return true;
}

/** The next letter; with the last message that is allowed, all that wait. */
function nextOf(queue: Letter[], { messages }: Allowance, home: Home): Letter {
  const isLast = Math.floor(messages) === 1;
  return (isLast && queue.length > 1 ? mergeAll(queue, home) : undefined) ?? (queue.shift() as Letter);
}

/** @throws Unreachable when the server took nothing, and the letter waits */
async function deliver(letter: Letter, channel: Channel, home: Home): Promise<Swept[]> {
  const to = pendingOf(letter, channel);
  const isOld = Date.now() - Date.parse(letter.notices[0]?.time ?? '') > LONGEST;
  await settled(letter, home);
  putLetter(home, { ...letter, begun: true });
  try {
    const { accepted, refused, deferred, said } = await channel.deliver(letter, messageOf(letter, home), to);
    const [reason] = Object.entries(deferred).map(([who, why]) => `${who}: ${why}`);
    const after: Letter = {
      ...letter,
      done: [...letter.done, ...accepted],
      refused: { ...letter.refused, ...refused },
      reason,
    };
    const told = [
      ...(accepted.length > 0 ? [posted(letter, 'sent', `to ${accepted.join(', ')}: ${said}`, EX.OK)] : []),
      ...Object.entries(refused).map(([who, why]) => refusal(letter, `${who} refuses it: ${why}`)),
    ];
    if (pendingOf(after, channel).length > 0) {
      if (isOld) return [...told, giveUp(after, reason ?? 'nobody took it', home)];
      putLetter(home, after);
      const isKnown = reason === letter.reason;
      return [...told, posted(letter, 'spooled', `${reason}; will be tried again`, EX.TEMPFAIL, isKnown)];
    }
    if (Object.keys(after.refused).length > 0) failLetter(home, after);
    else dropLetter(home, after);
    return told;
  } catch (error) {
    if (!(error instanceof Unreachable)) {
      putLetter(home, letter);
      throw error;
    }
    putLetter(home, { ...letter, begun: letter.begun || error.isOpen || undefined, reason: error.message });
    if (isOld) giveUp(letter, error.message, home);
    throw error;
  }
}

function giveUp(letter: Letter, why: string, home: Home): Swept {
  const reason = `given up after ${LONGEST / 86_400_000} days: ${why}`;
  failLetter(home, { ...letter, reason });
  return refusal(letter, reason);
}

const refusal = (letter: Letter, why: string): Swept =>
  posted(letter, 'failed', `${why}; it is kept: riposte mail --retry`, EX.UNAVAILABLE);

const pendingOf = ({ done, refused }: Letter, { recipients }: Channel): string[] =>
  recipients.filter((each) => !done.includes(each) && !Object.hasOwn(refused, each));

/** The response that blocks may have been started a moment after us. */
async function settled({ notices }: Letter, home: Home): Promise<void> {
  const [only, another] = notices;
  if (only === undefined || another !== undefined || blocksOf(home, only.address).length > 0) return;
  const wait = SETTLED - (Date.now() - Date.parse(only.time));
  if (wait > 0) await sleep(Math.min(wait, SETTLED));
}

/** Nothing can be sent: told once for all that wait, and noted for riposte doctor. */
function inTrouble(channel: Channel, why: string, home: Home): Swept {
  const { allowance, trouble, since } = stateOf(home, channel);
  const now = new Date().toISOString();
  const state: ChannelState = { allowance, trouble: why, since: since ?? now, tried: now };
  writeState(home, { ...readState(home), [channel.name]: state });
  const count = countIn(home, channel.name);
  const what = count === 1 ? '1 message waits' : `${count} messages wait`;
  return waiting(`${what} for ${channel.server}: ${why}; will be tried again`, trouble === why);
}

const stateOf = (home: Home, { name }: Channel): ChannelState => readState(home)[name] ?? {};
