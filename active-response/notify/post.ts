import type { Swept } from '../carry-out.ts';
import { EX, RiposteError } from '../errors.ts';
import type { Home } from '../home.ts';
import { tryLock } from '../lock.ts';
import type { MailSettings } from '../settings/mail-settings.ts';
import { channelsOf } from './channels.ts';
import { deliverAll } from './deliver-all.ts';
import type { Channel } from './delivery.ts';
import { makeInbox, takeIn } from './inbox.ts';
import { nobody } from './nobody.ts';
import { failure } from './posted.ts';
import { countIn, countWaiting, dropNotice, newNotices, putLetter, removeUnfinished } from './spool.ts';
import { hasStarted, lockOf } from './start-sender.ts';

/** What sending goes by. */
export interface Office {
  readonly home: Home;
  readonly settings: MailSettings;
  readonly env: NodeJS.ProcessEnv;
  /** Told of each thing as soon as it is so: who is killed later has said it. */
  readonly tell: (each: Swept) => void;
}

/**
 * Sends what waits, as far as the servers take it and MAIL_RATE allows. One process at a time: while another sends,
 * nothing is done, as that one looks again when it is through.
 *
 * @throws RiposteError (IOERR, NOPERM) for a spool that cannot be read or written
 */
export async function post(office: Office): Promise<void> {
  const { home } = office;
  hasStarted(home);
  makeInbox(home);
  if (countWaiting(home) === 0) return;
  do {
    const release = tryLock(lockOf(home));
    if (release === undefined) return;
    try {
      await emptySpool(office);
    } catch (error) {
      if (!(error instanceof RiposteError) || error.exitCode !== EX.CONFIG) throw error;
      return office.tell(failure(error));
    } finally {
      release();
    }
    // Whoever came while we held the lock has left it to us.
  } while (countIn(home, 'new') > 0);
}

/** @throws RiposteError (CONFIG) when there is nobody to tell */
async function emptySpool(office: Office): Promise<void> {
  const { home, settings, env, tell } = office;
  const channels = channelsOf(home, settings, env);
  if (channels.length === 0) throw nobody(home);
  removeUnfinished(home);
  const reachable = new Set(channels);
  do {
    for (const file of takeIn(home))
      tell(failure(new RiposteError(EX.DATAERR, `${file} was no notice of the integration`)));
    sortOut(home, channels);
    const results = [...reachable].map(async (channel) => ({
      channel,
      isReachable: await deliverAll(channel, office),
    }));
    for (const { channel, isReachable } of await Promise.all(results))
      if (!isReachable) reachable.delete(channel);
  } while (countIn(home, 'new') + countIn(home, 'inbox') > 0);
}

/** Makes a letter of each notice for each channel. First all letters, then the notice goes: killed between, it is done again. */
function sortOut(home: Home, channels: readonly Channel[]): void {
  for (const notice of newNotices(home)) {
    for (const { name } of channels) {
      const messageId = `<${notice.id}.${name}@${domainOf(notice.host)}>`;
      putLetter(home, { id: notice.id, channel: name, messageId, notices: [notice], done: [], refused: {} });
    }
    dropNotice(home, notice);
  }
}

const domainOf = (host: string): string => host.replace(/[^\w.-]/g, '') || 'localhost';
