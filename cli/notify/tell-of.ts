import { RiposteError } from '../../active-response/errors.ts';
import { readIfThere } from '../../active-response/files.ts';
import type { Home } from '../../active-response/home.ts';
import { mailServerOf } from '../../active-response/notify/mail-server.ts';
import { noticeOf } from '../../active-response/notify/notice.ts';
import { recipientsOf } from '../../active-response/notify/recipients.ts';
import { countWaiting, putNotice } from '../../active-response/notify/spool.ts';
import { startSender } from '../../active-response/notify/start-sender.ts';
import type { Request } from '../../active-response/protocol/request.ts';
import { loadMailSettings } from '../../active-response/settings/mail-settings.ts';

/**
 * Puts an alert that our own rules have found into the spool, where somebody is to be told of it.
 *
 * @throws RiposteError (IOERR, NOPERM) when it cannot be written down
 */
export function tellOf(request: Request, home: Home): void {
  if (isWanted(request, home)) putNotice(home, noticeOf(request));
}

/** With settings that are wrong it is kept: riposte sweep and doctor say what they are. */
function isWanted({ ruleLevel = 16 }: Request, home: Home): boolean {
  const settings = loadMailSettings(home.settings, new Map(), () => {});
  if (ruleLevel < settings.mailLevel) return false;
  try {
    return recipientsOf(home, settings).length > 0;
  } catch (error) {
    if (error instanceof RiposteError) return true;
    throw error;
  }
}

/** Has what waits sent by a process of its own. @param program the file of this program */
export function sendSoon(home: Home, env: NodeJS.ProcessEnv, program = process.argv[1] ?? ''): void {
  const isOurs = /\/riposte(\.js)?$/.test(program);
  if (isOurs && countWaiting(home) > 0 && !isConfined(home))
    startSender(home, [program, 'mail', '--send', '--home', home.root], env);
}

/**
 * True in a sandbox in which no program gets the rights of its file, as our own unit has one: there sendmail cannot
 * reach its queue. The next sweep, which is outside, sends.
 */
function isConfined({ settings }: Home): boolean {
  const { mailTo, mailServer } = loadMailSettings(settings, new Map(), () => {});
  const usesProgram = mailTo.length > 0 && mailServerOf(mailServer, false).kind === 'program';
  return usesProgram && /^NoNewPrivs:\t1$/m.test(readIfThere('/proc/self/status') ?? '');
}
