import { existsSync, statSync } from 'node:fs';
import { restartOf } from '../examination.ts';
import { ok, warning } from '../finding.ts';
import { lastLines } from '../tail.ts';
import type { Check } from './check.ts';

const MINUTE = 60_000;
/** Time zones differ by multiples of a quarter of an hour. */
const STEP = 15 * MINUTE;

/**
 * Checks the time zone of Wazuh's log: if the host's time zone changes, the service keeps the old time zone until it
 * restarts.
 */
export const timeZone: Check = (examined) => {
  const file = examined.home.activeResponsesLog;
  if (examined.dialect !== 'wazuh' || !existsSync(file)) return [];
  const [line = ''] = lastLines(file, 1);
  const written = Date.parse(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d/.exec(line)?.[0] ?? '');
  if (Number.isNaN(written)) return [];
  // The file's modification time is the time at which the manager wrote the last line.
  const apart = written - statSync(file).mtimeMs;
  const steps = Math.round(apart / STEP);
  if (steps === 0 || Math.abs(steps) > 26 * 4 || Math.abs(apart - steps * STEP) > MINUTE)
    return [ok(`${file} is in this host’s time zone`)];
  const hours = (steps * STEP) / 60 / MINUTE;
  const seen = `${file} is in another time zone than this shell: ${hours > 0 ? '+' : ''}${hours} hours`;
  return [warning(seen, `timedatectl set-timezone ZONE, then ${restartOf(examined)}`)];
};
