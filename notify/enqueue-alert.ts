import { basename, join } from 'node:path';
import { findAlert } from '../active-response/alerts-log.ts';
import type { Home } from '../active-response/home.ts';
import { parseFlags } from '../active-response/protocol/command-line.ts';
import { checkKeys } from '../active-response/protocol/handshake.ts';
import type { LineReader } from '../active-response/protocol/line-reader.ts';
import type { Request } from '../active-response/protocol/request.ts';
import type { Report } from '../active-response/record/report.ts';
import { loadMailSettings, type MailSettings } from '../active-response/settings/mail-settings.ts';
import { EX, type ExitCode, RiposteError } from '../base/errors.ts';
import { noRecipientsError } from './channel/no-recipients-error.ts';
import { recipientsOf } from './channel/recipients.ts';
import { messageOf } from './message/message.ts';
import { type Notice, noticeOf } from './message/notice.ts';
import type { ReadMessage } from './message/read-message.ts';
import { putNotice } from './queue/spool.ts';
import { startSender } from './queue/start-sender.ts';

/** The context of one alert. */
export interface EnqueueContext {
  readonly report: Report;
  readonly flags: ReadonlyMap<string, string>;
  readonly dryRun: boolean;
  /** Reads the manager's reply. Undefined if the manager's protocol has no handshake. */
  readonly reader?: LineReader | undefined;
  /** The arguments to Node that start the sending process. */
  readonly sender: readonly string[];
}

/**
 * Puts an alert into the spool, and starts a separate process that sends it. When this returns, the message is on
 * the disk, and the caller has not waited for the mail server.
 *
 * @throws RiposteError when the spool cannot be written, or no recipient is configured
 */
export async function enqueueAlert(message: ReadMessage, context: EnqueueContext): Promise<ExitCode> {
  const { report, reader, dryRun } = context;
  const { request } = message;
  const { home, script } = report;
  report.request = request;
  report.dryRun = dryRun;
  if (request.command === 'delete')
    return report.outcome({
      word: 'already',
      reason: 'email-alert cannot take back a message that it has sent',
    });
  if (reader && (await checkKeys(basename(script), keyOf(request), reader)) === 'abort')
    return report.outcome({
      word: 'already',
      reason: 'the manager says that this alert was reported already',
    });
  // A log line about an alert about email-alert would raise the next alert, and so on without end.
  const notice = noticeFor(message, home);
  if (isAboutUs(notice)) return report.print('email-alert does not report alerts about itself');
  report.request = {
    ...request,
    ruleId: notice.ruleId,
    ruleLevel: notice.ruleLevel,
    address: notice.address ?? '',
  };
  const flags = refuseOtherFlags(new Map([...parseFlags(request.extraArguments), ...context.flags]));
  const settings = loadMailSettings(home.settings, flags, (wrong) => report.warn(`${wrong}: ignored`));
  const { ruleLevel } = notice;
  if (ruleLevel !== undefined && ruleLevel < settings.mailLevel)
    return report.outcome({
      ...about(notice),
      word: 'already',
      reason: `level ${ruleLevel} is below MAIL_LEVEL`,
    });
  const recipients = recipientsText(home, settings);
  if (dryRun) {
    const { subject, text } = messageOf({ notices: [notice] }, home);
    report.rehearse(`To: ${recipients}\nSubject: ${subject}\n\n${text}`);
  } else {
    putNotice(home, notice);
    startSender(home, context.sender, process.env);
  }
  return report.outcome({ ...about(notice), word: 'spooled', reason: `for ${recipients}` });
}

/** Refuses flags for recipients and servers: only riposte.conf may set them. @throws RiposteError (USAGE) */
function refuseOtherFlags(flags: Map<string, string>): Map<string, string> {
  const other = [...flags.keys()].find((name) => name !== 'mail-level');
  if (other === undefined) return flags;
  throw new RiposteError(
    EX.USAGE,
    `--${other} is not accepted in extra_args or on the command line; set it in riposte.conf`,
  );
}

const about = ({ address }: Notice) => ({ address });

/** OSSEC passes little more than the alert's id, so the rest is read from alerts.log. */
export function noticeFor({ request, log }: ReadMessage, { root }: Home): Notice {
  if (log.length > 0) return noticeOf({ ...request, log: undefined }, { log });
  const { source, alertId, ruleId } = request;
  const logged =
    source === 'ossec' && alertId !== undefined
      ? findAlert(join(root, 'logs/alerts/alerts.log'), alertId)
      : undefined;
  // An entry with another rule id belongs to another alert.
  return noticeOf(request, ruleId === undefined || logged?.ruleId === ruleId ? logged : undefined);
}

/**
 * Each alert has its own key. With the address as the key, a manager with a running timeout would abort the second
 * alert.
 */
const keyOf = ({ alertId, address }: Request): string => alertId || address || '-';

/** True for an alert about a line that email-alert itself logged. */
export const isAboutUs = ({ location = '', log }: Notice): boolean =>
  location.includes('active-responses.log') &&
  log.some((line) => /^.{1,200}?active-response\/bin\/email-alert\.js\b/.test(line));

/** @throws RiposteError (CONFIG) when no recipient is configured */
export function recipientsText(home: Home, settings: MailSettings): string {
  let recipients: readonly string[];
  try {
    recipients = recipientsOf(home, settings);
  } catch (error) {
    // Keep the message until the file is corrected: sweep and doctor report the error.
    if (error instanceof RiposteError) return error.message;
    throw error;
  }
  if (recipients.length === 0) throw noRecipientsError(home);
  return recipients.join(', ');
}
