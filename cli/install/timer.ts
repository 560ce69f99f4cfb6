import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { WantedFile, WantedLink } from './belongings.ts';
import { FIREWALLS } from './firewall-units.ts';
import type { Program } from './restart.ts';
import { sandbox } from './sandbox.ts';

const UNITS = 'etc/systemd/system';

/** True where systemd runs: what is below `root` is a host that is up. */
export const hasSystemd = (root: string): boolean => existsSync(join(root, 'run/systemd/system'));

/**
 * What runs `riposte sweep` every five minutes, and `riposte restore` after a boot: units of systemd, or lines
 * for cron.
 *
 * @param program the installed command @param home its home; both as the host sees them
 */
export function timerFiles(root: string, program: string, home: string): WantedFile[] {
  const texts = hasSystemd(root)
    ? {
        [`${UNITS}/riposte-sweep.service`]: sweepService(program, home),
        [`${UNITS}/riposte-sweep.timer`]: SWEEP_TIMER,
        [`${UNITS}/riposte-restore.service`]: restoreService(program, home),
      }
    : { 'etc/cron.d/riposte': cronLines(program, home) };
  return Object.entries(texts).map(([path, text]) => ({
    path: join(root, path),
    bytes: Buffer.from(text),
    uid: 0,
    gid: 0,
    mode: 0o644,
  }));
}

/** What `systemctl enable` would make. */
export function timerLinks(root: string): WantedLink[] {
  if (!hasSystemd(root)) return [];
  const enabled = {
    'timers.target.wants': 'riposte-sweep.timer',
    'multi-user.target.wants': 'riposte-restore.service',
  };
  return Object.entries(enabled).map(([wants, unit]) => ({
    path: join(root, UNITS, wants, unit),
    target: `/${UNITS}/${unit}`,
  }));
}

/** Starts the timer now; systemd reads its units anew for that, and when they are gone. */
export const TIMER_START = [
  ['systemctl', 'daemon-reload'],
  ['systemctl', 'start', 'riposte-sweep.timer'],
] as const;
export const TIMER_FORGET = [['systemctl', 'daemon-reload']] as const;

/** What may be active: the last one is so from the boot on, and would stay without its file. */
const ACTIVE = ['riposte-sweep.timer', 'riposte-sweep.service', 'riposte-restore.service'];

/** Stops the timer, and what it runs; nothing where they are not. */
export function timerStop(root: string): Program[] {
  const units = ACTIVE.filter((unit) => existsSync(join(root, UNITS, unit)));
  return units.length === 0 ? [] : [['systemctl', 'stop', ...units]];
}

const sweepService = (program: string, home: string) => `[Unit]
Description=Riposte: end the blocks whose time is over, and mend the others
Documentation=man:riposte(8)
After=riposte-restore.service

[Service]
Type=oneshot
ExecStart=${program} sweep --home ${home}
${sandbox(home)}
`;

const SWEEP_TIMER = `[Unit]
Description=Riposte: sweep every five minutes

[Timer]
OnCalendar=*:0/5
RandomizedDelaySec=10

[Install]
WantedBy=timers.target
`;

/** Behind what sets up firewalls and routes, which may flush them, and before the web server's first request. */
const restoreService = (program: string, home: string) => `[Unit]
Description=Riposte: put the blocks back that still have time
Documentation=man:riposte(8)
After=network-pre.target network.target ${FIREWALLS}
Before=apache2.service httpd.service nginx.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${program} restore --home ${home}
${sandbox(home)}

[Install]
WantedBy=multi-user.target
`;

const cronLines = (
  program: string,
  home: string,
) => `# Riposte: ends the blocks whose time is over and mends the others; after a boot puts back what still has time.
SHELL=/bin/sh
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
*/5 * * * * root ${program} sweep --home ${home} >/dev/null
@reboot root ${program} restore --home ${home} >/dev/null
`;
