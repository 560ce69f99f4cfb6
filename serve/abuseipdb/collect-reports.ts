import { isPrivate } from '../../active-response/guard/guard.ts';
import type { Home } from '../../active-response/home.ts';
import { isList } from '../../active-response/lists.ts';
import type { JournalEvent } from '../../active-response/record/journal.ts';
import { isBlock } from '../../active-response/record/outcome.ts';
import { RESPONSES } from '../../active-response/response/responses.ts';
import { addressesIn, isHost } from '../../base/address.ts';
import { counted } from '../../base/counted.ts';
import { type AbuseReport, abuseReporter } from '../../evaluate/answers/abuse-report.ts';
import {
  isRepeated,
  MOST_REPORTS,
  putReport,
  type QueuedReport,
  queuedReports,
  readReportState,
  reportPosition,
} from '../../notify/abuseipdb/report-queue.ts';
import { JournalReader } from '../journal-reader.ts';

/** The number of blocks that are put into the spool before the position in the journal is stored. */
const TOGETHER = 200;

/**
 * Puts a report into the spool for each address that this host has blocked since the last call, but at most one report
 * in 15 minutes for an address, and only for rules whose categories are known.
 *
 * @param say takes a line about blocks that are not reported
 * @throws RiposteError (IOERR, NOPERM)
 */
export async function collectReports(home: Home, say: (text: string) => void): Promise<void> {
  const reader = new JournalReader(home.journal, reportPosition(home), () =>
    say('the journal was rotated before all of its blocks were reported to AbuseIPDB'),
  );
  const state = readReportState(home);
  const waiting = new Set(queuedReports(home).map(({ address }) => address));
  const reportOf = abuseReporter();
  const isNew = ({ address, time }: Omit<QueuedReport, 'id'>) =>
    !waiting.has(address) && !isRepeated(state, address, Date.parse(time));
  let left = 0;
  for await (const reports of reader.read((event) => reportIn(event, reportOf), TOGETHER))
    for (const report of reports) {
      if (!isNew(report)) continue;
      if (waiting.size >= MOST_REPORTS) left++;
      else putReport(home, report);
      waiting.add(report.address);
    }
  if (left > 0)
    say(
      `Riposte did not report ${counted(left, 'address', 'addresses')} to AbuseIPDB, because ${MOST_REPORTS} reports already wait`,
    );
}

/** Makes the report of an event. Undefined unless this host itself decided to block one public address, for a rule. */
export function reportIn(
  { event, response, address, origin, rule, time }: JournalEvent,
  reportOf: (rule: string | undefined) => AbuseReport | undefined,
): Omit<QueuedReport, 'id'> | undefined {
  if (!isBlock({ word: event }) || !RESPONSES.some(({ name }) => name === response)) return undefined;
  const [host] = addressesIn(address);
  if (host === undefined || !isHost(host) || isPrivate(host)) return undefined;
  if (rule === undefined || (origin !== undefined && isList(origin))) return undefined;
  const report = reportOf(rule);
  return report && { address: host.text, ...report, time, rule };
}
