import { setTimeout as sleep } from 'node:timers/promises';
import { RiposteError } from '../../active-response/errors.ts';
import { channelsOf } from '../../active-response/notify/channels.ts';
import { Unreachable } from '../../active-response/notify/delivery.ts';
import { loadMailSettings } from '../../active-response/settings/mail-settings.ts';
import type { Examination } from './examination.ts';
import { type Finding, ok, problem } from './finding.ts';

/** How long a server may take to greet and to let us in, in milliseconds. */
const PATIENCE = 10_000;

/** Whether what is to take the messages can be reached, encrypts, and lets us in. Nothing is sent. */
export async function reachMailServers({ home, env, isRoot }: Examination): Promise<Finding[]> {
  if (!isRoot) return [];
  const topic = 'mail server';
  try {
    const settings = loadMailSettings(home.settings, new Map(), () => {});
    const findings: Finding[] = [];
    for (const channel of channelsOf(home, settings, env)) {
      const late = sleep(PATIENCE, undefined, { ref: false }).then(() => {
        throw new Unreachable(`no answer within ${PATIENCE / 1000} s`);
      });
      findings.push({
        topic,
        ...(await Promise.race([channel.check(), late]).then(ok, (error) => judged(channel.server, error))),
      });
    }
    return findings;
  } catch (error) {
    if (error instanceof RiposteError) return []; // told by the check of the settings
    throw error;
  }
}

function judged(server: string, error: unknown) {
  if (error instanceof Unreachable || error instanceof RiposteError)
    return problem(
      `${server} takes no message: ${error.message}`,
      'see MAIL_SERVER, and riposte mail --test',
    );
  throw error;
}
