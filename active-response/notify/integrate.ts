import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { EX, type ExitCode, RiposteError } from '../errors.ts';
import { fileError } from '../files.ts';
import type { Report } from '../report.ts';
import { putIntoInbox } from './inbox.ts';
import { noticeOf } from './notice.ts';
import { readAlertFile } from './read-message.ts';
import { tell } from './tell.ts';

/** The longest alert that is read, in bytes; Wazuh's own limit for one is 64 KB. */
const LONGEST = 1024 * 1024;

/**
 * What Wazuh's integratord runs: `custom-riposte-email ALERT_FILE API_KEY HOOK_URL [debug]`. Key and URL are not
 * used: arguments are for everybody on the host to see.
 *
 * integratord runs it as `wazuh`, who may neither read the credentials nor write our logs. So the notice goes into
 * the spool's inbox, and the next sweep, which is root's, sends it.
 *
 * @throws RiposteError (USAGE, DATAERR, IOERR)
 */
export async function integrate(args: readonly string[], report: Report): Promise<ExitCode> {
  report.onlyLooks = true;
  const [file] = args;
  if (file === undefined)
    throw new RiposteError(EX.USAGE, 'the first argument is missing: the file of the alert');
  const message = readAlertFile(readAlert(file));
  const { home, script } = report;
  if (process.getuid?.() === 0)
    return tell(message, { report, flags: new Map(), dryRun: false, sender: [script, '--sweep'] });
  const { request, log } = message;
  putIntoInbox(
    home,
    noticeOf({ ...request, log: undefined }, { log: log.length > 0 ? log : [request.log ?? ''] }),
  );
  return report.print('email-alert: spooled: for the next sweep');
}

function readAlert(file: string): string {
  try {
    const fd = openSync(file, 'r');
    try {
      if (fstatSync(fd).size > LONGEST)
        throw new RiposteError(EX.DATAERR, `${file} is longer than ${LONGEST} bytes: no alert`);
      return readFileSync(fd, 'utf8');
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw fileError('read', file, error);
  }
}
