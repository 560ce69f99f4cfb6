import { accessTimeText } from './log-time.ts';
import type { AccessRecord } from './reading.ts';

/**
 * A request as a line of the combined format: the one form that rules on a line's text see, whatever the log's own
 * format is. The texts of a record are canonical, so nothing in them looks like the structure of the line.
 *
 * @param time seconds since 1970, for a record whose own time cannot be read
 */
export function accessLine(record: AccessRecord, time: number): string {
  if (record.canonical !== undefined) return record.canonical;
  const { client, user, method, target, version, status, size, referer, userAgent } = record;
  const when = accessTimeText(record.time ?? time);
  return `${client ?? '-'} - ${user} [${when}] "${method} ${target} ${version}" ${status} ${size} "${referer}" "${userAgent}"`;
}
