import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGED_UNITS } from '../../install/package.ts';
import { cronAdvice, cronState } from '../../install/units/cron.ts';
import { ok, warning } from '../finding.ts';
import type { Check } from './check.ts';

/** The files of a timer. A unit counts only if it is enabled: timers.target.wants then has a link to it. */
const TIMERS = ['etc/systemd/system/timers.target.wants/riposte-sweep.timer', 'etc/cron.d/riposte'];
const UNITS = ['etc/systemd/system', PACKAGED_UNITS].map((directory) => `${directory}/riposte-sweep.timer`);

/** Checks that a timer runs the sweep: routes, Apache's files and some firewalls' sets have no timeout. */
export const timer: Check = ({ root, home, manager }) => {
  const file = TIMERS.map((path) => join(root, path)).find(isThere);
  const why = 'routes and entries of Apache’s file remain if execd loses track of them';
  if (file !== undefined) {
    const state = file.endsWith('cron.d/riposte') ? cronState(root) : 'runs';
    return state === 'stopped' || state === 'missing'
      ? [
          warning(
            `${file} exists, but cron ${state === 'missing' ? 'is not installed' : 'does not run'}, so nothing runs the sweep: ${why}`,
            cronAdvice(state),
          ),
        ]
      : [ok(`${file} runs the sweep`)];
  }
  const unit = UNITS.map((path) => join(root, path)).find(isThere);
  if (unit !== undefined)
    return [warning(`${unit} is not enabled: ${why}`, 'systemctl enable --now riposte-sweep.timer')];
  const fix =
    manager === undefined
      ? `let cron run riposte sweep --home ${home.root} every five minutes`
      : `riposte install --home ${home.root}`;
  return [warning(`nothing runs the sweep: ${why}`, fix)];
};

/** Also true for a dangling link: below another root a link's target is elsewhere. */
const isThere = (file: string): boolean => lstatSync(file, { throwIfNoEntry: false }) !== undefined;
