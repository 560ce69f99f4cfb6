import type { Swept } from '../../active-response/carry-out.ts';
import { EX, type ExitCode, RiposteError } from '../../active-response/errors.ts';
import type { Home } from '../../active-response/home.ts';
import { post } from '../../active-response/notify/post.ts';
import { failure } from '../../active-response/notify/posted.ts';
import { record } from '../../active-response/record.ts';
import { loadMailSettings } from '../../active-response/settings/mail-settings.ts';
import { scriptOf } from '../place.ts';
import type { Io } from '../verb.ts';

/** The name of the e-mail hook, in the log and in the journal. */
export const EMAIL_ALERT = 'email-alert';

/** Sends what waits in the spool, says and records it. @returns the code of the last failure, else 0 */
export async function sendWaiting(home: Home, io: Io, say: (each: Swept) => void): Promise<ExitCode> {
  let code: ExitCode = EX.OK;
  const tell = (each: Swept) => {
    say(each);
    code = each.exitCode || code;
    // What was told in the same words before is not for the log again.
    if (!each.isKnown) code = written(each, home, io) || code;
  };
  try {
    await post({ home, settings: loadMailSettings(home.settings), env: io.env, tell });
  } catch (error) {
    // A wrong setting, and a spool that cannot be read, keep a sweep from nothing else.
    if (!(error instanceof RiposteError)) throw error;
    tell(failure(error));
  }
  return code;
}

function written(each: Swept, home: Home, io: Io): ExitCode {
  const errors = record(home, EMAIL_ALERT, scriptOf(home, EMAIL_ALERT), [each]);
  for (const { message } of errors) io.err(`riposte: ${message}\n`);
  return errors[0]?.exitCode ?? EX.OK;
}
