import { homeAt } from '../active-response/home.ts';
import type { Io } from '../base/io.ts';
import { printable } from '../base/printable.ts';
import { VERSION } from '../base/version.ts';
import { findLogsToServe } from '../install/find-logs.ts';
import { homesWithManifest, targetToInstall } from '../install/install-target.ts';
import { describeManager, findManagers } from '../install/manager/manager.ts';
import { NOTHING, namesInstallation, readManifest } from '../install/manifest.ts';

/** The findings on this host, and the next command: `riposte` without arguments prints them on a terminal. */
export function firstSteps(io: Pick<Io, 'program'>, root = '/'): string {
  const managers = findManagers(root);
  const installed = homesWithManifest(root, managers)
    .map(({ home }) => home)
    .filter((home) => namesInstallation(readManifest(homeAt(home)) ?? NOTHING)); // an uninstall leaves a manifest
  return [
    `Riposte ${VERSION}`,
    '',
    ...(installed.length > 0
      ? [`Installed in ${installed.join(' and ')}.`, '', ...NEXT_WHEN_INSTALLED]
      : managers.length > 0
        ? [
            ...managers.map((manager) => `Found ${describeManager(manager, manager.home)}.`),
            '',
            ...NEXT_BESIDE_MANAGER,
          ]
        : ['Found no manager (OSSEC or Wazuh).', ...logsFound(io, root), '', ...NEXT_ALONE]),
    ...(process.getuid?.() === 0 ? [] : ['', 'Only root can see everything: sudo riposte']),
    '',
    'riposte help lists all commands.',
  ].join('\n');
}

/** The logs that `riposte install --standalone` would find. */
function logsFound(io: Pick<Io, 'program'>, root: string): string[] {
  const target = targetToInstall(
    { root, home: undefined, isStandalone: true },
    { env: {}, program: io.program },
  );
  const { items } = findLogsToServe(target, false);
  if (items.length === 0) return ['Found no log of a web server; LOGS in riposte.conf can name one.'];
  return [`Found logs of a web server: ${printable(items.join(', '), 1000)}`];
}

const NEXT_WHEN_INSTALLED = [
  'Next:  sudo riposte doctor     checks the installation, and names the fixes',
  '       sudo riposte status     lists the blocked addresses',
];
const NEXT_BESIDE_MANAGER = [
  'Next:  sudo riposte install --dry-run    shows each change',
  '       sudo riposte install --restart    makes them, and restarts the manager',
];
const NEXT_ALONE = [
  'Next:  sudo riposte install --standalone    reads the logs of this host, and blocks by itself',
  '       sudo riposte serve --simulate        then shows the addresses that it would block',
];
