import { existsSync } from 'node:fs';
import { loadMailSettings, type MailSettings } from '../../active-response/settings/mail-settings.ts';
import { counted } from '../../base/counted.ts';
import { attempt, RiposteError } from '../../base/errors.ts';
import { credentialsFile } from '../../notify/channel/credentials.ts';
import { recipientsOf } from '../../notify/channel/recipients.ts';
import { webhookBody } from '../../notify/channel/webhook-body.ts';
import { timeText } from '../../notify/message/what-was-done.ts';
import { countIn, countWaiting, newNotices } from '../../notify/queue/spool.ts';
import { readState } from '../../notify/queue/state.ts';
import type { Examination } from '../examination.ts';
import { type Judged, orOk, problem, warning } from '../finding.ts';
import type { Check } from './check.ts';

/**
 * The maximum number of messages that may wait without a warning, and the longest time that a message may wait, in
 * milliseconds.
 */
const MANY = 100;
const LONG = 30 * 60_000;

/** Checks that alerts reach people: valid settings, credentials that only root can read, and no stuck message. */
export const mail: Check = (examined) => {
  const { home, isRoot } = examined;
  const wrong: Judged[] = [];
  const settings = loadMailSettings(home.settings, new Map(), (message) =>
    wrong.push(problem(`${message}: Riposte sends no mail`, 'correct that line, or put # before it')),
  );
  if (!isRoot) return wrong;
  const file = credentialsFile(home, settings);
  const recipients = recipientsIn(examined, settings, file, wrong);
  wrong.push(...wrongBody(settings), ...stuck(examined));
  const isWanted = recipients.length > 0;
  if (!isWanted && countWaiting(home) > 0)
    wrong.push(
      problem(
        `${counted(countWaiting(home), 'alert waits', 'alerts wait')}, but no recipient is set`,
        'set MAIL_TO in riposte.conf',
      ),
    );
  if (!isWanted && wrong.length === 0) return [];
  const secret = existsSync(file) ? `; only root can read ${file}` : '';
  return orOk(
    wrong,
    `${recipients.join(', ')}, mail by ${settings.mailServer}${secret}; no message is stuck`,
  );
};

/** @returns the recipients of alerts; only the recipients in MAIL_TO when the credentials are wrong */
function recipientsIn(
  { home }: Examination,
  settings: MailSettings,
  file: string,
  wrong: Judged[],
): readonly string[] {
  try {
    return recipientsOf(home, settings);
  } catch (error) {
    if (!(error instanceof RiposteError)) throw error;
    wrong.push(
      problem(
        `${error.message}: Riposte sends nothing until you correct it`,
        `chown root ${file} && chmod 600 ${file}`,
      ),
    );
    return settings.mailTo;
  }
}

/** The mistake in the template of the webhook's body. */
function wrongBody({ mailWebhookBody }: MailSettings): Judged[] {
  const body = attempt(() => webhookBody(mailWebhookBody));
  if (!(body instanceof RiposteError)) return [];
  return [
    problem(`${body.message}: Riposte sends nothing until you correct it`, 'riposte mail --test checks it'),
  ];
}

function stuck({ home, now }: Examination): Judged[] {
  const failures = Object.values(readState(home)).flatMap(({ trouble, since }) =>
    trouble === undefined ? [] : [`Riposte could send no message since ${timeText(since ?? '')}: ${trouble}`],
  );
  const [waiting, failed] = [countWaiting(home), countIn(home, 'failed')];
  const [oldest] = newNotices(home);
  const isForgotten = oldest !== undefined && now - Date.parse(oldest.time) > LONG;
  return [
    ...failures.map((seen) => problem(seen, 'riposte mail --test shows why; riposte mail lists the queue')),
    ...(waiting > MANY ? [warning(`${waiting} messages wait`, 'riposte mail shows why')] : []),
    ...(isForgotten
      ? [problem(`an alert of ${timeText(oldest.time)} was never sent`, 'riposte mail --send')]
      : []),
    ...(failed > 0
      ? [
          warning(
            `${counted(failed, 'message was', 'messages were')} refused for good`,
            'riposte mail shows why; then: riposte mail --retry',
          ),
        ]
      : []),
  ];
}
