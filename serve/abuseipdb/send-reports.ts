import { rmSync } from 'node:fs';
import type { Home } from '../../active-response/home.ts';
import { recordInJournal } from '../../active-response/record/record.ts';
import { failure, type Result } from '../../active-response/record/result.ts';
import { loadAbuseipdbSettings } from '../../active-response/settings/abuseipdb-settings.ts';
import { EX, type ExitCode } from '../../base/errors.ts';
import { makeDirectory } from '../../base/files.ts';
import type { Io } from '../../base/io.ts';
import { tryLock } from '../../base/lock.ts';
import { deliverReports } from '../../notify/abuseipdb/deliver-reports.ts';
import { reportLock, reportPosition } from '../../notify/abuseipdb/report-queue.ts';
import { spoolOf } from '../../notify/queue/spool.ts';
import { collectReports } from './collect-reports.ts';

/** The name of the reports in the journal. */
export const ABUSEIPDB = 'abuseipdb';

/**
 * Reports to AbuseIPDB the addresses that this host has blocked since the last run, if ABUSEIPDB_REPORT is yes. If
 * another process is sending reports, returns at once.
 *
 * @param say takes each outcome, before the journal gets it
 * @returns the code of the last failure, else 0
 */
export async function sendReports(home: Home, io: Io, say: (each: Result) => void): Promise<ExitCode> {
  // riposte doctor reports wrong lines.
  const settings = loadAbuseipdbSettings(home.settings, () => {});
  // Forget the position, so that blocks made while reports are off are never reported.
  if (!settings.abuseipdbReport) {
    forgetPosition(home);
    return EX.OK;
  }
  let code: ExitCode = EX.OK;
  const onOutcome = (each: Result) => {
    say(each);
    code = each.exitCode || code;
    if (!each.isKnown) recordInJournal(home, ABUSEIPDB, [each]);
  };
  try {
    makeDirectory(spoolOf(home), 0o755);
    const release = tryLock(reportLock(home));
    if (release === undefined) return EX.OK;
    try {
      await collectReports(home, (reason) =>
        onOutcome({
          request: { source: 'sweep' },
          outcome: { word: 'failed', reason },
          exitCode: EX.TEMPFAIL,
        }),
      );
      await deliverReports({ home, settings, env: io.env, onOutcome });
    } finally {
      release();
    }
  } catch (error) {
    // An unreadable spool must not stop the rest of a sweep.
    const ended = failure({ source: 'sweep' }, error);
    say(ended);
    code = ended.exitCode;
  }
  return code;
}

/** Removes the file with the position. On a read-only disk the file stays until a later run. */
function forgetPosition(home: Home): void {
  try {
    rmSync(reportPosition(home), { force: true });
  } catch {}
}
