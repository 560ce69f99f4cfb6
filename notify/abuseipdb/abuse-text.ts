import type { Home } from '../../active-response/home.ts';
import { counted } from '../../base/counted.ts';
import { printable } from '../../base/printable.ts';
import { timeText } from '../message/what-was-done.ts';
import { countIn } from '../queue/spool.ts';
import type { AbuseRecord } from './api.ts';
import { readReportState } from './report-queue.ts';

/** Renders the answer of AbuseIPDB in one line. */
export function abuseText(record: AbuseRecord): string {
  const { address, score, reports, reporters, days, lastReport, country, provider, usage } = record;
  const last = Date.parse(lastReport ?? '');
  const by = reporters === undefined ? '' : ` by ${counted(reporters, 'user')}`;
  const parts = [
    `confidence ${score} %`,
    `${counted(reports, 'report')}${by} in ${counted(days, 'day')}`,
    ...(Number.isNaN(last) ? [] : [`the last at ${timeText(new Date(last).toISOString())}`]),
    ...[country, provider, usage].flatMap((text) => (text === undefined ? [] : printable(text, 80))),
  ];
  return `AbuseIPDB: ${address}: ${parts.join(', ')}`;
}

/** Says how many reports wait, and why; undefined if no report waits. */
export function waitingText(home: Home): string | undefined {
  const count = countIn(home, 'abuseipdb');
  if (count === 0) return undefined;
  const { trouble, since = 0 } = readReportState(home);
  const why = trouble && `; since ${timeText(new Date(since).toISOString())}: ${printable(trouble)}`;
  return `${counted(count, 'report waits', 'reports wait')} for AbuseIPDB${why ?? ''}`;
}
