import { existsSync } from 'node:fs';
import { loadAbuseipdbSettings } from '../../active-response/settings/abuseipdb-settings.ts';
import { counted } from '../../base/counted.ts';
import { attempt, RiposteError } from '../../base/errors.ts';
import { abuseipdbAccess, keyFile } from '../../notify/abuseipdb/access.ts';
import { readReportState } from '../../notify/abuseipdb/report-queue.ts';
import { timeText } from '../../notify/message/what-was-done.ts';
import { countIn } from '../../notify/queue/spool.ts';
import { type Judged, orOk, problem } from '../finding.ts';
import type { Check } from './check.ts';

/** Checks the reports to AbuseIPDB if they are wanted, and the key if there is one. Contacts no server. */
export const abuseipdb: Check = ({ home, isRoot }) => {
  const wrong: Judged[] = [];
  const settings = loadAbuseipdbSettings(home.settings, (message) =>
    wrong.push(problem(`${message}: Riposte ignores that line`, 'correct that line, or put # before it')),
  );
  const { abuseipdbReport: isWanted } = settings;
  const file = keyFile(home, settings);
  if (!isRoot || (!isWanted && !existsSync(file))) return wrong;
  const access = attempt(() => abuseipdbAccess(home, settings));
  if (access instanceof RiposteError)
    wrong.push(
      problem(
        access.message,
        existsSync(file)
          ? `write KEY=… into ${file}, then: chown root ${file} && chmod 600 ${file}`
          : `echo KEY=… | install -m 600 /dev/stdin ${file}, or set ABUSEIPDB_REPORT=no in riposte.conf`,
      ),
    );
  const waiting = isWanted ? countIn(home, 'abuseipdb') : 0;
  const { trouble, since = 0 } = readReportState(home);
  if (isWanted && trouble !== undefined)
    wrong.push(
      problem(
        `${waiting} reports have waited since ${timeText(new Date(since).toISOString())}: ${trouble}`,
        'riposte sweep sends the reports again later, or at once if the key has changed',
      ),
    );
  const what = isWanted
    ? `reports to AbuseIPDB are on; ${counted(waiting, 'report waits', 'reports wait')}`
    : 'reports to AbuseIPDB are off';
  return orOk(wrong, `${what}; only root can read ${file}`);
};
