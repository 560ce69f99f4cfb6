import type { Home } from '../../active-response/home.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import { tryLock } from '../../base/lock.ts';
import { channelsOf } from '../channel/channels.ts';
import { noRecipientsError } from '../channel/no-recipients-error.ts';
import { deliverAll } from './deliver-all.ts';
import type { Channel } from './delivery.ts';
import type { DeliveryContext } from './delivery-context.ts';
import { failure } from './delivery-outcome.ts';
import { makeInbox, takeIn } from './inbox.ts';
import { countIn, countWaiting, dropNotice, newNotices, putMessage, removeUnfinished } from './spool.ts';
import { hasStarted, lockOf } from './start-sender.ts';

/**
 * Sends queued messages, as far as the servers accept them and MAIL_RATE allows. When another process is sending,
 * returns at once, because that process checks the queue again before it ends.
 *
 * @throws RiposteError (IOERR, NOPERM) for a spool that cannot be read or written
 */
export async function deliverQueue(context: DeliveryContext): Promise<void> {
  const { home } = context;
  hasStarted(home);
  makeInbox(home);
  if (countWaiting(home) === 0) return;
  do {
    const release = tryLock(lockOf(home));
    if (release === undefined) return;
    try {
      await emptySpool(context);
    } catch (error) {
      if (!(error instanceof RiposteError) || error.exitCode !== EX.CONFIG) throw error;
      return context.onOutcome(failure(error));
    } finally {
      release();
    }
    // A process that finds the lock taken ends, and relies on this process to send its messages.
  } while (countIn(home, 'new') > 0);
}

/** @throws RiposteError (CONFIG) when no recipient is configured */
async function emptySpool(context: DeliveryContext): Promise<void> {
  const { home, settings, env, onOutcome } = context;
  const channels = channelsOf(home, settings, env);
  if (channels.length === 0) throw noRecipientsError(home);
  removeUnfinished(home);
  const reachable = new Set(channels);
  do {
    for (const message of takeIn(home)) onOutcome(failure(new RiposteError(EX.DATAERR, message)));
    queueNotices(home, channels);
    const results = [...reachable].map(async (channel) => ({
      channel,
      isReachable: await deliverAll(channel, context),
    }));
    for (const { channel, isReachable } of await Promise.all(results))
      if (!isReachable) reachable.delete(channel);
  } while (countIn(home, 'new') + countIn(home, 'inbox') > 0);
}

/**
 * Queues each notice for each channel, then drops the notice. If the process is killed in between, the next run repeats
 * both.
 */
function queueNotices(home: Home, channels: readonly Channel[]): void {
  for (const notice of newNotices(home)) {
    for (const { name } of channels) {
      const messageId = `<${notice.id}.${name}@${domainOf(notice.host)}>`;
      putMessage(home, { id: notice.id, channel: name, messageId, notices: [notice], done: [], refused: {} });
    }
    dropNotice(home, notice);
  }
}

const domainOf = (host: string): string => host.replace(/[^\w.-]/g, '') || 'localhost';
