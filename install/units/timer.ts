import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DesiredFile, DesiredLink } from '../desired-file.ts';
import type { Program } from '../program.ts';
import { SERVER_FILES, strictSandbox } from '../sandbox.ts';
import { firewallUnits } from './firewall-units.ts';

const UNITS = 'etc/systemd/system';

/** True when systemd runs on the host below `root`. */
export const hasSystemd = (root: string): boolean => existsSync(join(root, 'run/systemd/system'));

/** True when an installation or a package has brought this unit. */
export const hasUnit = (root: string, unit: string): boolean =>
  ['etc', 'usr/lib', 'lib'].some((directory) => existsSync(join(root, directory, 'systemd/system', unit)));

/**
 * The files that run `riposte sweep` every five minutes, and `riposte restore` after a boot: systemd units, or lines
 * for cron.
 *
 * @param program the installed command @param home its home; both as the host sees them
 */
export function timerFiles(root: string, program: string, home: string): DesiredFile[] {
  const texts = hasSystemd(root)
    ? Object.entries(timerUnits(program, home)).map(([unit, text]) => [`${UNITS}/${unit}`, text] as const)
    : [['etc/cron.d/riposte', cronLines(program, home)] as const];
  return texts.map(([path, text]) => ({
    path: join(root, path),
    bytes: Buffer.from(text),
    uid: 0,
    gid: 0,
    mode: 0o644,
  }));
}

/** The texts of the units, by their names. */
export const timerUnits = (program: string, home: string): Readonly<Record<string, string>> => ({
  'riposte-sweep.service': sweepService(program, home),
  'riposte-sweep.timer': SWEEP_TIMER,
  'riposte-restore.service': restoreService(program, home),
});

/** The links that `systemctl enable` would make. */
export function timerLinks(root: string): DesiredLink[] {
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

/**
 * The commands that start the timer after an installation, and the command that makes systemd read its units again
 * after their removal.
 */
export const TIMER_START = [
  ['systemctl', 'daemon-reload'],
  ['systemctl', 'start', 'riposte-sweep.timer'],
] as const;
export const TIMER_FORGET = [['systemctl', 'daemon-reload']] as const;

/** Units that may be active: the last unit has been active since the boot, and would stay active without its file. */
const ACTIVE = ['riposte-sweep.timer', 'riposte-sweep.service', 'riposte-restore.service'];

/** Stops the timer and its services; nothing when they do not exist. */
export function timerStop(root: string): Program[] {
  const units = ACTIVE.filter((unit) => hasUnit(root, unit));
  return units.length === 0 ? [] : [['systemctl', 'stop', ...units]];
}

/** The directories to which postfix, exim and other programs named sendmail write. */
const MAIL_QUEUES = ['/var/spool', '/var/log/exim4'];

const sweepService = (program: string, home: string) => `[Unit]
Description=Riposte: end expired blocks, and repair the others
Documentation=man:riposte(8)
After=riposte-restore.service

[Service]
Type=oneshot
ExecStart=${program} sweep --home ${home}
# The sweep also sends mail: sendmail writes to its queues, and changes to other accounts.
${strictSandbox(home, { writes: [...SERVER_FILES, ...MAIL_QUEUES], capabilities: 'CAP_SETUID CAP_SETGID CAP_FOWNER' })}
`;

const SWEEP_TIMER = `[Unit]
Description=Riposte: sweep every five minutes

[Timer]
OnCalendar=*:0/5
RandomizedDelaySec=10

[Install]
WantedBy=timers.target
`;

/** Runs after the units that set up firewalls and routes and may flush them, and before the web server starts. */
const restoreService = (program: string, home: string) => `[Unit]
Description=Riposte: restore the blocks that have not expired
Documentation=man:riposte(8)
After=network-pre.target network.target ${firewallUnits()}
Before=apache2.service httpd.service nginx.service haproxy.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${program} restore --home ${home}
${strictSandbox(home, { writes: SERVER_FILES })}

[Install]
WantedBy=multi-user.target
`;

const cronLines = (
  program: string,
  home: string,
) => `# Riposte: ends expired blocks and repairs the others; after a boot restores the blocks that have not expired.
SHELL=/bin/sh
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
*/5 * * * * root ${program} sweep --home ${home} >/dev/null
@reboot root ${program} restore --home ${home} >/dev/null
`;
