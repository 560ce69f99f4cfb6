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
 * Returns a function that puts an alert of our own rules into the spool, when recipients are configured. The settings
 * are read only once.
 *
 * @throws RiposteError (IOERR, NOPERM) when the settings cannot be read; the returned function throws the same errors
 * when the spool cannot be written
 */
export function enqueuer(home: Home): (request: Request) => void {
  // Wrong settings are ignored here, so that no alert is lost. riposte sweep and doctor report them.
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
 * @param program the file of this program @param hasMore true if that process must also send reports to AbuseIPDB
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
 * True if sendmail is used in a sandbox that ignores a program's setgid bit, as our own unit does. There, sendmail
 * cannot write to its queue. The next sweep runs outside the sandbox, and sends the messages.
 */
function isConfined({ settings }: Home): boolean {
  const { mailTo, mailServer } = loadMailSettings(settings, new Map(), () => {});
  const usesProgram = mailTo.length > 0 && mailServerOf(mailServer, false).kind === 'program';
  return usesProgram && /^NoNewPrivs:\t1$/m.test(readIfThere('/proc/self/status') ?? '');
}
