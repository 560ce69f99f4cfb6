import { type Home, scriptOf } from '../../active-response/home.ts';
import { record } from '../../active-response/record/record.ts';
import type { Result } from '../../active-response/record/result.ts';
import { loadMailSettings } from '../../active-response/settings/mail-settings.ts';
import { EX, type ExitCode, RiposteError } from '../../base/errors.ts';
import type { Io } from '../../base/io.ts';
import { deliverQueue } from './deliver-queue.ts';
import { failure } from './delivery-outcome.ts';

/** The name of the e-mail hook, in the log and in the journal. */
export const EMAIL_ALERT = 'email-alert';

/** Sends the queued messages, prints and records each outcome. @returns the code of the last failure, else 0 */
export async function sendWaiting(home: Home, io: Io, say: (each: Result) => void): Promise<ExitCode> {
  let code: ExitCode = EX.OK;
  const onOutcome = (each: Result) => {
    say(each);
    code = each.exitCode || code;
    // A repeated outcome is not logged again.
    if (!each.isKnown) code = written(each, home, io) || code;
  };
  try {
    await deliverQueue({ home, settings: loadMailSettings(home.settings), env: io.env, onOutcome });
  } catch (error) {
    // A wrong setting or an unreadable spool must not stop the rest of a sweep.
    if (!(error instanceof RiposteError)) throw error;
    onOutcome(failure(error));
  }
  return code;
}

function written(each: Result, home: Home, io: Io): ExitCode {
  const errors = record(home, EMAIL_ALERT, scriptOf(home, EMAIL_ALERT), [each]);
  for (const { message } of errors) io.err(`riposte: ${message}\n`);
  return errors[0]?.exitCode ?? EX.OK;
}
