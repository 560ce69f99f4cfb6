import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readIfThere } from '../../base/files.ts';

/** The programs that run the lines of /etc/cron.d, by the names of their processes. */
const DAEMONS = ['cron', 'crond', 'fcron', 'cronie'];

/** The state of cron on a host; `unknown` for another host, whose processes cannot be seen. */
export type CronState = 'runs' | 'stopped' | 'missing' | 'unknown';

/** Tells whether something runs the lines of /etc/cron.d. */
export const cronState = (root: string): CronState =>
  root === '/' ? cronStateOf(root, processNames()) : 'unknown';

/** @param running the names of the host's processes */
export function cronStateOf(root: string, running: readonly string[]): CronState {
  if (running.some((name) => DAEMONS.includes(name))) return 'runs';
  const directories = ['usr/sbin', 'sbin', 'usr/bin'];
  const isThere = directories.some((directory) =>
    DAEMONS.some((name) => existsSync(join(root, directory, name))),
  );
  return isThere ? 'stopped' : 'missing';
}

/** The remedy for a cron that is stopped or missing. */
export const cronAdvice = (state: 'stopped' | 'missing'): string =>
  state === 'stopped'
    ? 'start cron by service cron start, or by the command of your system'
    : 'install cron (Debian: apt-get install cron; Red Hat: dnf install cronie), or have another timer run riposte sweep every five minutes';

/** A process may end meanwhile, and hidepid hides the processes of other accounts. */
function processNames(): string[] {
  const numbers = existsSync('/proc') ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : [];
  return numbers.flatMap((number) => {
    try {
      return readIfThere(`/proc/${number}/comm`)?.trim() ?? [];
    } catch {
      return [];
    }
  });
}
