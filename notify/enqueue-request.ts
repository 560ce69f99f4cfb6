import type { Home } from '../active-response/home.ts';
import type { Request } from '../active-response/protocol/request.ts';
import { loadMailSettings, type MailSettings } from '../active-response/settings/mail-settings.ts';
import { RiposteError } from '../base/errors.ts';
import { readIfThere } from '../base/files.ts';
import { mailServerOf } from './channel/mail-server.ts';
import { recipientsOf } from './channel/recipients.ts';
import { noticeOf } from './message/notice.ts';
import { countWaiting, putNotice } from './queue/spool.ts';
import { startSender } from './queue/start-sender.ts';

/**
 * Returns a function that puts an alert of our own rules into the spool, when recipients are configured. It reads the
 * settings once.
 *
 * @throws RiposteError (IOERR, NOPERM) when the spool cannot be written; the returned function throws it as well
 */
export function enqueuer(home: Home): (request: Request) => void {
  // With wrong settings the alert is kept: riposte sweep and doctor report them.
  const settings = loadMailSettings(home.settings, new Map(), () => {});
  let hasRecipients: boolean | undefined;
  return (request) => {
    if ((request.ruleLevel ?? 16) < settings.mailLevel) return;
    hasRecipients ??= mayHaveRecipients(home, settings);
    if (hasRecipients) putNotice(home, noticeOf(request));
  };
}

function mayHaveRecipients(home: Home, settings: MailSettings): boolean {
  try {
    return recipientsOf(home, settings).length > 0;
  } catch (error) {
    if (error instanceof RiposteError) return true;
    throw error;
  }
}

/**
 * Sends queued messages in a separate process.
 *
 * @param program the file of this program @param hasMore true if that process has more to send than messages
 */
export function sendSoon(
  home: Home,
  env: NodeJS.ProcessEnv,
  program = process.argv[1] ?? '',
  hasMore = false,
): void {
  const isOurs = /\/riposte(\.js)?$/.test(program);
  if (isOurs && (hasMore || countWaiting(home) > 0) && !isConfined(home))
    startSender(home, [program, 'mail', '--send', '--home', home.root], env);
}

/**
 * True in a sandbox that denies programs the privileges of their files (setgid), as our own unit does: there sendmail
 * cannot reach its queue. The next sweep runs outside, and sends.
 */
function isConfined({ settings }: Home): boolean {
  const { mailTo, mailServer } = loadMailSettings(settings, new Map(), () => {});
  const usesProgram = mailTo.length > 0 && mailServerOf(mailServer, false).kind === 'program';
  return usesProgram && /^NoNewPrivs:\t1$/m.test(readIfThere('/proc/self/status') ?? '');
}
