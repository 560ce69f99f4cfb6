import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { ok, warning } from '../finding.ts';
import type { Check } from './check.ts';

/** Where a timer would be; a unit counts when it is enabled, which is a link in timers.target.wants. */
const PLACES = ['etc/systemd/system/timers.target.wants/riposte-sweep.timer', 'etc/cron.d/riposte'];
const UNIT = 'etc/systemd/system/riposte-sweep.timer';

/** Something runs the sweep: routes, Apache's files and firewalld's sets do not end by themselves. */
export const timer: Check = ({ root, home, manager }) => {
  const place = PLACES.map((path) => join(root, path)).find(isThere);
  if (place !== undefined) return [ok(`${place} runs the sweep`)];
  const why = 'a route and an entry of Apache’s file stay when execd forgets them';
  if (isThere(join(root, UNIT)))
    return [
      warning(`${join(root, UNIT)} is not enabled: ${why}`, 'systemctl enable --now riposte-sweep.timer'),
    ];
  const fix =
    manager === undefined
      ? `riposte sweep --home ${home.root} every five minutes, by cron`
      : `riposte install --home ${home.root}`;
  return [warning(`nothing runs the sweep: ${why}`, fix)];
};

/** A link too, wherever it leads: below another root its target is not where it says. */
const isThere = (file: string): boolean => lstatSync(file, { throwIfNoEntry: false }) !== undefined;
