import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { unpacked } from '../../test/lab/unpacked.ts';
import type { Detector } from './detector.ts';
import { timed } from './timed.ts';

/** Debian's filters for access logs, with the maxretry of their jails. */
const FILTERS: Readonly<Record<string, number>> = {
  'apache-badbots': 1,
  'nginx-bad-request': 5,
  'nginx-botsearch': 5,
  'php-url-fopen': 5,
};
/** The default findtime of Debian's jails, in seconds. */
const FIND_TIME = 600;

/**
 * fail2ban cannot ban from an old log. So this function runs fail2ban's filters on the log, and counts their matches as
 * its jails do.
 */
export const fail2ban: Detector = {
  name: 'fail2ban',
  find: async (log) => {
    const root = await unpacked('fail2ban');
    if (root === undefined || !existsSync(join(root, 'usr/bin/fail2ban-regex'))) return undefined;
    const blocked = new Set<string>();
    let sum = 0;
    for (const [filter, retries] of Object.entries(FILTERS)) {
      const conf = join(root, 'etc/fail2ban');
      const { stdout, cpu } = await timed(
        [
          '/usr/bin/python3',
          join(root, 'usr/bin/fail2ban-regex'),
          ...['-c', conf, '-o', 'row', log, join(conf, 'filter.d', `${filter}.conf`)],
        ],
        { PYTHONPATH: join(root, 'usr/lib/python3/dist-packages') },
      );
      sum += cpu;
      for (const address of bannedIn(stdout, retries)) blocked.add(address);
    }
    return { blocked, cpu: sum };
  },
};

/** @param rows `['192.0.2.1', 1600000000, {…}]`, one a line */
function bannedIn(rows: string, retries: number): Set<string> {
  const times = new Map<string, number[]>();
  const banned = new Set<string>();
  for (const [, address = '', text = ''] of rows.matchAll(/^\['([^']+)',\s*(\d+)/gm)) {
    const time = Number(text);
    const recent = (times.get(address) ?? []).filter((each) => time - each <= FIND_TIME);
    recent.push(time);
    times.set(address, recent);
    if (recent.length >= retries) banned.add(address);
  }
  return banned;
}
