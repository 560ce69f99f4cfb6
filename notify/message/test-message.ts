import { hostname } from 'node:os';
import { RiposteError } from '../../base/errors.ts';
import { type Channel, Unreachable } from '../queue/delivery.ts';
import { newId } from './notice.ts';

/**
 * Sends one message at once, without spool and MAIL_RATE.
 *
 * @returns a line for each recipient with the result
 */
export async function testChannel(channel: Channel): Promise<{ lines: string[]; isDelivered: boolean }> {
  const host = hostname();
  const message = {
    subject: `[riposte] ${host}: test`,
    text: `This is a test by riposte mail --test on ${host}.\n\nThis host sends its alerts to you by ${channel.server}.\n`,
  };
  const queued = {
    messageId: `<${newId()}.test@${host.replace(/[^\w.-]/g, '') || 'localhost'}>`,
    notices: [],
  };
  const by = `by ${channel.server}`;
  try {
    const { accepted, refused, deferred, said } = await channel.deliver(queued, message, channel.recipients);
    const lines = [
      ...accepted.map((recipient) => `${recipient}: sent ${by}: ${said}`),
      ...Object.entries({ ...refused, ...deferred }).map(
        ([recipient, why]) => `${recipient}: not sent ${by}: ${why}`,
      ),
    ];
    return { lines, isDelivered: accepted.length === channel.recipients.length };
  } catch (error) {
    if (!(error instanceof Unreachable || error instanceof RiposteError)) throw error;
    return { lines: [`not sent ${by}: ${error.message}`], isDelivered: false };
  }
}
