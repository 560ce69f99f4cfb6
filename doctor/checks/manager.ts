import { accessSync, constants, existsSync } from 'node:fs';
import type { Home } from '../../active-response/home.ts';
import { holderOf } from '../../base/lock.ts';
import { describeManager } from '../../install/manager/manager.ts';
import { manifestFileOf } from '../../install/manifest.ts';
import { lockFile } from '../../serve/state.ts';
import { isWazuh5 } from '../examination.ts';
import { ok, problem, warning } from '../finding.ts';
import type { Check } from './check.ts';

/** Reports the installed manager, or the programs that block without a manager. */
export const manager: Check = ({ manager: installed, home, isRoot }) => {
  if (installed === undefined && !isRoot && isClosed(home.root))
    return [
      problem(
        `this user cannot enter ${home.root}, so the installation there is unknown`,
        'sudo riposte doctor',
      ),
    ];
  if (installed === undefined && isStandalone(home)) {
    const pid = holderOf(lockFile(home));
    if (pid !== undefined)
      return [ok(`no manager: riposte serve (process ${pid}) blocks the attackers that it finds in logs`)];
    return [
      warning(
        'neither a manager nor riposte serve runs here: unless cron runs riposte scan, only an operator can block',
        'systemctl enable --now riposte',
      ),
    ];
  }
  if (installed === undefined) {
    return [
      warning(
        `no OSSEC or Wazuh in ${home.root}: nothing answers alerts, so only an operator on this host can block`,
        'riposte doctor --home DIR, where DIR is the manager’s directory',
      ),
    ];
  }
  const seen = describeManager(installed, home.root);
  if (isWazuh5(installed) && installed.role === 'server') {
    const why = `${seen}: the manager of Wazuh 5 runs no active responses itself; its agents run them`;
    return [warning(why, 'riposte install on the agents')];
  }
  return [ok(seen)];
};

/** True if `riposte install --standalone` was run on this home. */
const isStandalone = (home: Home): boolean => existsSync(manifestFileOf(home));

function isClosed(directory: string): boolean {
  try {
    accessSync(directory, constants.X_OK);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES';
  }
}
