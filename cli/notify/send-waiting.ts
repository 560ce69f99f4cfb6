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
  const told = await posted(home, io);
  for (const each of told) say(each);
  // What was told in the same words before is not for the log again.
  const entries = told.filter(({ isKnown }) => !isKnown);
  const errors = record(home, EMAIL_ALERT, scriptOf(home, EMAIL_ALERT), entries);
  for (const { message } of errors) io.err(`riposte: ${message}\n`);
  return told.findLast(({ exitCode }) => exitCode !== EX.OK)?.exitCode ?? errors[0]?.exitCode ?? EX.OK;
}

/** A wrong setting, and a spool that cannot be read, keep a sweep from nothing else. */
async function posted(home: Home, { env }: Io): Promise<Swept[]> {
  try {
    return await post({ home, settings: loadMailSettings(home.settings), env });
  } catch (error) {
    if (error instanceof RiposteError) return [failure(error)];
    throw error;
  }
}
