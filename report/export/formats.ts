import { createHash } from 'node:crypto';
import { csvField } from '../../active-response/operator/list/csv.ts';
import { LONGEST_TIME } from '../../active-response/settings/values.ts';
import { isHost, parseAddress } from '../../base/address.ts';
import { abuseReporter } from '../../evaluate/answers/abuse-report.ts';
import type { Exported } from './exported.ts';

/** Makes the lines of a file for another program. @param now in milliseconds */
type Format = (all: readonly Exported[], now: number) => string[];

/** The forms of an export, by their names. */
export const FORMATS: Readonly<Record<FormatName, Format>> = {
  plain: (all) => all.map(({ address }) => address),
  csv: (all, now) => ['duration,reason,scope,type,value', ...all.map((each) => decisionLine(each, now))],
  json: (all) => [JSON.stringify(all)],
  nginx: (all) => all.map(({ address }) => `${address} 1;`),
  haproxy: (all) => all.map(({ address }) => `${address} 1`),
  abuseipdb,
  stix: (all) => [JSON.stringify(bundle(all))],
};

export type FormatName = (typeof FORMAT_NAMES)[number];

export const FORMAT_NAMES = ['plain', 'csv', 'json', 'nginx', 'haproxy', 'abuseipdb', 'stix'] as const;

/** The most lines of one upload to AbuseIPDB. */
export const MOST_REPORTS = 10_000;

/** A line for `cscli decisions import`. */
function decisionLine({ address, until, rule, origin }: Exported, now: number): string {
  // CrowdSec has no block without an end.
  const seconds = until === null ? LONGEST_TIME : Math.max(1, Math.ceil((Date.parse(until) - now) / 1000));
  const scope = address.includes('/') ? 'Range' : 'Ip';
  return [`${seconds}s`, `riposte/${rule ?? origin ?? 'operator'}`, scope, 'ban', address]
    .map(csvField)
    .join(',');
}

/** The newest lines of AbuseIPDB's bulk report: only hosts, and only for rules with a category. */
function abuseipdb(all: readonly Exported[]): string[] {
  const reportOf = abuseReporter();
  const lines = all.flatMap(({ address, since, rule }) => {
    const report = reportOf(rule);
    if (report === undefined || !isHost(parseAddress(address))) return [];
    return [[address, report.categories, since, report.comment].map(csvField).join(',')];
  });
  return ['IP,Categories,ReportDate,Comment', ...lines.slice(-MOST_REPORTS)];
}

/** A STIX 2.1 bundle with an indicator for each address. The same addresses have the same ids. */
function bundle(all: readonly Exported[]): object {
  const objects = all.map(({ address, since, until, rule }) => {
    const { family } = parseAddress(address);
    const comparison = address.includes('/') ? 'ISSUBSET' : '=';
    return {
      type: 'indicator',
      spec_version: '2.1',
      id: `indicator--${uuid(`${address} ${since}`)}`,
      created: since,
      modified: since,
      name: address,
      ...(rule === undefined ? {} : { description: `Riposte: rule ${rule}` }),
      indicator_types: ['malicious-activity'],
      pattern: `[ipv${family}-addr:value ${comparison} '${address}']`,
      pattern_type: 'stix',
      valid_from: since,
      ...(until === null ? {} : { valid_until: until }),
    };
  });
  return { type: 'bundle', id: `bundle--${uuid(objects.map(({ id }) => id).join())}`, objects };
}

/** A UUID of version 5 from a text (RFC 4122), in a name space of Riposte's own. */
function uuid(text: string): string {
  const hash = createHash('sha1').update(`riposte ${text}`).digest().subarray(0, 16);
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
