import { setTimeout as sleep } from 'node:timers/promises';
import { loadMailSettings } from '../active-response/settings/mail-settings.ts';
import { RiposteError } from '../base/errors.ts';
import { channelsOf } from '../notify/channel/channels.ts';
import { Unreachable } from '../notify/queue/delivery.ts';
import type { Examination } from './examination.ts';
import { type Finding, ok, problem } from './finding.ts';

/** The time that a server may take to greet us and to log us in, in milliseconds. */
const PATIENCE = 10_000;

/** Checks that each mail server or webhook answers, encrypts, and accepts the credentials. Sends no message. */
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
    if (error instanceof RiposteError) return []; // the mail check reports the error
    throw error;
  }
}

function judged(server: string, error: unknown) {
  if (error instanceof Unreachable || error instanceof RiposteError)
    return problem(
      `${server} accepts no message: ${error.message}`,
      'see MAIL_SERVER, and riposte mail --test',
    );
  throw error;
}
