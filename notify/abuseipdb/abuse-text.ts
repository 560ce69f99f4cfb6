import { printable } from '../../base/printable.ts';
import { timeText } from '../message/what-was-done.ts';
import type { AbuseRecord } from './api.ts';

/** Renders the answer of AbuseIPDB in one line. */
export function abuseText(record: AbuseRecord): string {
  const { address, score, reports, reporters, days, lastReport, country, provider, usage } = record;
  const last = Date.parse(lastReport ?? '');
  const by = reporters === undefined ? '' : ` by ${reporters} ${reporters === 1 ? 'user' : 'users'}`;
  const parts = [
    `confidence ${score} %`,
    `${reports} ${reports === 1 ? 'report' : 'reports'}${by} in ${days} days`,
    ...(Number.isNaN(last) ? [] : [`the last at ${timeText(new Date(last).toISOString())}`]),
    ...[country, provider, usage].flatMap((text) => (text === undefined ? [] : printable(text, 80))),
  ];
  return `AbuseIPDB: ${address}: ${parts.join(', ')}`;
}
