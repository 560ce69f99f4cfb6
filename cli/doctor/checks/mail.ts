import { existsSync } from 'node:fs';
import { RiposteError } from '../../../active-response/errors.ts';
import { credentialsFile, readCredentials } from '../../../active-response/notify/credentials.ts';
import { countIn, countWaiting, newNotices } from '../../../active-response/notify/spool.ts';
import { readState } from '../../../active-response/notify/state.ts';
import { timeText } from '../../../active-response/notify/what-was-done.ts';
import { loadMailSettings } from '../../../active-response/settings/mail-settings.ts';
import type { Examination } from '../examination.ts';
import { type Judged, orOk, problem, warning } from '../finding.ts';
import type { Check } from './check.ts';

/** How many messages may wait before somebody should look, and how long one may, in milliseconds. */
const MANY = 100;
const LONG = 30 * 60_000;

/** Who is to be told can be: the settings are right, the credentials root's alone, and nothing is stuck. */
export const mail: Check = (examined) => {
  const { home, isRoot } = examined;
  const wrong: Judged[] = [];
  const settings = loadMailSettings(home.settings, new Map(), (message) =>
    wrong.push(problem(`${message}: nobody is told by mail`, 'correct that line, or put # before it')),
  );
  if (!isRoot) return wrong;
  const file = credentialsFile(home, settings);
  const credentials = credentialsIn(file, wrong);
  wrong.push(...stuck(examined));
  const isWanted = settings.mailTo.length > 0 || credentials?.webhookUrl !== undefined;
  if (!isWanted && countWaiting(home) > 0)
    wrong.push(
      problem(
        `${countWaiting(home)} alerts wait for somebody to be told of them`,
        'set MAIL_TO in riposte.conf',
      ),
    );
  if (!isWanted && wrong.length === 0) return [];
  const whom = [...settings.mailTo, ...(credentials?.webhookUrl ? ['the webhook'] : [])].join(', ');
  const secret = existsSync(file) ? `; ${file} is root’s alone` : '';
  return orOk(wrong, `${whom} by ${settings.mailServer}${secret}; nothing is stuck`);
};

function credentialsIn(file: string, wrong: Judged[]): ReturnType<typeof readCredentials> | undefined {
  try {
    return readCredentials(file);
  } catch (error) {
    if (!(error instanceof RiposteError)) throw error;
    wrong.push(
      problem(
        `${error.message}: nothing is sent until that is right`,
        `chown root ${file} && chmod 600 ${file}`,
      ),
    );
    return undefined;
  }
}

function stuck({ home, now }: Examination): Judged[] {
  const troubles = Object.values(readState(home)).flatMap(({ trouble, since }) =>
    trouble === undefined ? [] : [`nothing could be sent since ${timeText(since ?? '')}: ${trouble}`],
  );
  const [waiting, failed] = [countWaiting(home), countIn(home, 'failed')];
  const [oldest] = newNotices(home);
  const isForgotten = oldest !== undefined && now - Date.parse(oldest.time) > LONG;
  return [
    ...troubles.map((seen) => problem(seen, 'riposte mail --test tells more; riposte mail what waits')),
    ...(waiting > MANY ? [warning(`${waiting} messages wait`, 'riposte mail tells why')] : []),
    ...(isForgotten
      ? [problem(`an alert of ${timeText(oldest.time)} was never sent`, 'riposte mail --send')]
      : []),
    ...(failed > 0
      ? [
          warning(
            `${failed} messages were refused for good`,
            'riposte mail tells why; then riposte mail --retry',
          ),
        ]
      : []),
  ];
}
