import type { ReadEvent } from '../engine/event/read-event.ts';
import { accessLine } from '../logs/readers/canonical-line.ts';
import type { AccessRecord, ErrorRecord } from '../logs/readers/reading.ts';

/**
 * Makes the event that the stock decoder `web-accesslog` would make of this request's line in the combined format.
 * @param time seconds since 1970, for a record whose own time cannot be read
 */
export function accessEvent(record: AccessRecord, time: number): ReadEvent {
  const log = accessLine(record, time);
  if (log.length > LONGEST) return accessEvent(shortened(record), time);
  return {
    decoder: 'web-accesslog',
    category: 'web-log',
    log,
    srcip: record.client,
    srcuser: record.user,
    action: record.method,
    url: record.target,
    id: record.status,
  };
}

/**
 * Makes the event that the stock decoder `apache-errorlog` would make of this record's line in Apache's error log,
 * also for records of ModSecurity in nginx's error log and in audit logs. nginx's own records are events of
 * `nginx-errorlog`, which no built-in rule uses.
 */
export function errorEvent(record: ErrorRecord): ReadEvent {
  return {
    decoder: record.module === 'nginx' ? 'nginx-errorlog' : 'apache-errorlog',
    category: 'syslog',
    log: record.canonical,
    srcip: record.client,
    id: record.code === '' ? undefined : record.code,
  };
}

/**
 * The maximum number of bytes of a request that rules see; a quarter of it for each of the request's four long texts.
 */
const LONGEST = 160_000;
const LONGEST_TEXT = LONGEST / 4 - 100;

function shortened(record: AccessRecord): AccessRecord {
  const short = (text: string) => text.slice(0, LONGEST_TEXT);
  const { user, target, referer, userAgent } = record;
  return {
    ...record,
    canonical: undefined,
    user: short(user),
    target: short(target),
    referer: short(referer),
    userAgent: short(userAgent),
    method: record.method.slice(0, 40),
    version: record.version.slice(0, 40),
    size: record.size.slice(0, 40),
  };
}
