import type { Report } from '../../active-response/record/report.ts';
import { EX, type ExitCode, RiposteError } from '../../base/errors.ts';
import { fileError, readRegular } from '../../base/files.ts';
import { enqueueAlert } from '../enqueue-alert.ts';
import { putIntoInbox } from '../queue/inbox.ts';
import { noticeOf } from './notice.ts';
import { readAlertFile } from './read-message.ts';

/** The longest alert file, in bytes; Wazuh limits an alert to 64 KB. */
const LONGEST = 1024 * 1024;

/**
 * Handles a call of Wazuh's integratord: `custom-riposte-email ALERT_FILE API_KEY HOOK_URL [debug]`. Ignores key and
 * URL, because every account on the host can see arguments.
 *
 * integratord runs this script as the account `wazuh`, which may neither read the credentials nor write our logs. So
 * the notice goes into the spool's inbox, and the next sweep, which runs as root, sends it.
 *
 * @throws RiposteError (USAGE, DATAERR, IOERR)
 */
export async function integrate(args: readonly string[], report: Report): Promise<ExitCode> {
  report.onlyLooks = true;
  const [file] = args;
  if (file === undefined)
    throw new RiposteError(EX.USAGE, 'the first argument, the file of the alert, is missing');
  const message = readAlertFile(readAlert(file));
  const { home, script } = report;
  if (process.getuid?.() === 0)
    return enqueueAlert(message, { report, flags: new Map(), dryRun: false, sender: [script, '--sweep'] });
  const { request, log } = message;
  putIntoInbox(
    home,
    noticeOf({ ...request, log: undefined }, { log: log.length > 0 ? log : [request.log ?? ''] }),
  );
  return report.print('email-alert: spooled: the next sweep sends the alert');
}

function readAlert(file: string): string {
  try {
    return readRegular(file, { longest: LONGEST, followsLinks: true }).toString();
  } catch (error) {
    throw fileError('read', file, error);
  }
}
