import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DesiredLink } from './desired-file.ts';

/**
 * The Node of Riposte's packages for Debian and RPM distributions. The package `riposte` has its own Node there;
 * `riposte-nodejs` has a link to the distribution's Node. So the path is valid for both packages, and remains valid
 * after updates.
 */
export const PACKAGED_NODE = '/usr/lib/riposte/node';

/** The program of the packages; /usr/bin/riposte links to it. */
export const PACKAGED_PROGRAM = '/usr/lib/riposte/riposte.js';

/** The directory of the units that a package brings. */
export const PACKAGED_UNITS = 'usr/lib/systemd/system';

/**
 * The text of a unit as a package brings it: it does nothing until `riposte install --standalone` has set up the host.
 */
export const asPackaged = (unit: string): string =>
  unit.replace('[Unit]\n', '[Unit]\nConditionPathExists=/var/lib/riposte/bin/riposte\n');

/**
 * The links to the homes of all installations from a package: the package's maintainer scripts update and remove these
 * homes.
 */
export const PACKAGED_HOMES = '/var/lib/riposte/homes';

/** True when an installation with this interpreter belongs to a package of the host below `root`. */
export const isPackaged = (root: string, interpreter: string): boolean =>
  interpreter === PACKAGED_NODE && existsSync(join(root, PACKAGED_PROGRAM));

/** @param home as the host sees it */
export const linkOfHome = (root: string, home: string): DesiredLink => ({
  path: join(root, PACKAGED_HOMES, encodeURIComponent(home)),
  target: home,
});
