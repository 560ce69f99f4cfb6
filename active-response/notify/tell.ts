import { basename, join } from 'node:path';
import { EX, type ExitCode, RiposteError } from '../errors.ts';
import type { Home } from '../home.ts';
import { parseFlags } from '../protocol/command-line.ts';
import { checkKeys } from '../protocol/handshake.ts';
import type { LineReader } from '../protocol/line-reader.ts';
import type { Request } from '../protocol/request.ts';
import type { Report } from '../report.ts';
import { loadMailSettings, type MailSettings } from '../settings/mail-settings.ts';
import { findAlert } from './alerts-log.ts';
import { messageOf } from './message.ts';
import { nobody } from './nobody.ts';
import { type Notice, noticeOf } from './notice.ts';
import type { ReadMessage } from './read-message.ts';
import { recipientsOf } from './recipients.ts';
import { putNotice } from './spool.ts';
import { startSender } from './start-sender.ts';

/** Everything around one alert. */
export interface Telling {
  readonly report: Report;
  readonly flags: ReadonlyMap<string, string>;
  readonly dryRun: boolean;
  /** Where a manager that shakes hands gives its answer. */
  readonly reader?: LineReader | undefined;
  /** What sends, as words behind Node's own name. */
  readonly sender: readonly string[];
}

/**
 * Puts an alert into the spool, and has it sent by a process of its own. When this returns the message is on the
 * disk, whatever becomes of the mail server, and nobody has waited for that.
 *
 * @throws RiposteError when nothing could be written down, or there is nobody to tell
 */
export async function tell(message: ReadMessage, telling: Telling): Promise<ExitCode> {
  const { report, reader, dryRun } = telling;
  const { request } = message;
  const { home, script } = report;
  report.request = request;
  report.dryRun = dryRun;
  if (request.command === 'delete')
    return report.outcome({ word: 'already', reason: 'a message cannot be taken back: nothing to do' });
  if (reader && (await checkKeys(basename(script), keyOf(request), reader)) === 'abort')
    return report.outcome({ word: 'already', reason: 'the manager says that this alert was told' });
  // A line in the log about it would be an alert again, and so on for ever.
  const notice = noticeFor(message, home);
  if (isAboutUs(notice)) return report.print('email-alert: tells of everything but of itself');
  report.request = {
    ...request,
    ruleId: notice.ruleId,
    ruleLevel: notice.ruleLevel,
    address: notice.address ?? '',
  };
  const flags = demandOurs(new Map([...parseFlags(request.extraArguments), ...telling.flags]));
  const settings = loadMailSettings(home.settings, flags, (wrong) => report.warn(`${wrong}: ignored`));
  const { ruleLevel } = notice;
  if (ruleLevel !== undefined && ruleLevel < settings.mailLevel)
    return report.outcome({
      ...about(notice),
      word: 'already',
      reason: `level ${ruleLevel} is below MAIL_LEVEL`,
    });
  const whom = whomToTell(home, settings);
  if (dryRun) {
    const { subject, text } = messageOf({ notices: [notice] }, home);
    report.rehearse(`To: ${whom}\nSubject: ${subject}\n\n${text}`);
  } else {
    putNotice(home, notice);
    startSender(home, telling.sender, process.env);
  }
  return report.outcome({ ...about(notice), word: 'spooled', reason: `for ${whom}` });
}

/** Neither to whom nor by what server is for a message to say, and what sends reads riposte.conf. @throws RiposteError (USAGE) */
function demandOurs(flags: Map<string, string>): Map<string, string> {
  const other = [...flags.keys()].find((name) => name !== 'mail-level');
  if (other === undefined) return flags;
  throw new RiposteError(
    EX.USAGE,
    `--${other} is not taken from extra_args or by hand; set it in riposte.conf`,
  );
}

const about = ({ address }: Notice) => ({ address });

/** OSSEC hands over little more than the alert's id: the rest stands in its own log. */
export function noticeFor({ request, log }: ReadMessage, { root }: Home): Notice {
  if (log.length > 0) return noticeOf({ ...request, log: undefined }, { log });
  const { protocol, alertId, ruleId } = request;
  const logged =
    protocol === 'ossec' && alertId !== undefined
      ? findAlert(join(root, 'logs/alerts/alerts.log'), alertId)
      : undefined;
  // Another rule's alert is another alert.
  return noticeOf(request, ruleId === undefined || logged?.ruleId === ruleId ? logged : undefined);
}

/** Each alert is one of its own: with the address as the key, a manager that keeps a timeout would abort the second. */
const keyOf = ({ alertId, address }: Request): string => alertId || address || '-';

/** True for an alert about a line that email-alert itself has written. */
export const isAboutUs = ({ location = '', log }: Notice): boolean =>
  location.includes('active-responses.log') &&
  log.some((line) => /^.{1,200}?active-response\/bin\/email-alert\.js\b/.test(line));

/** @throws RiposteError (CONFIG) when there is nobody */
export function whomToTell(home: Home, settings: MailSettings): string {
  let recipients: readonly string[];
  try {
    recipients = recipientsOf(home, settings);
  } catch (error) {
    // The message is kept until the file is right: sweep and doctor say what is wrong with it.
    if (error instanceof RiposteError) return error.message;
    throw error;
  }
  if (recipients.length === 0) throw nobody(home);
  return recipients.join(', ');
}
