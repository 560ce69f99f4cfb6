import { accessSync, constants, existsSync } from 'node:fs';
import type { Home } from '../../../active-response/home.ts';
import { holderOf } from '../../../active-response/lock.ts';
import { manifestFileOf } from '../../install/manifest.ts';
import { lockFile } from '../../serve/state.ts';
import { isWazuh5 } from '../examination.ts';
import { ok, problem, warning } from '../finding.ts';
import type { Check } from './check.ts';

/** What is installed here, and what can then be looked at. */
export const manager: Check = ({ manager: found, home, isRoot }) => {
  if (found === undefined && !isRoot && isClosed(home.root))
    return [
      problem(
        `${home.root} is not yours to enter: what is installed there is not known`,
        'sudo riposte doctor',
      ),
    ];
  if (found === undefined && isStandalone(home)) {
    const pid = holderOf(lockFile(home));
    if (pid !== undefined)
      return [ok(`no manager: riposte serve (process ${pid}) blocks whom it finds in logs`)];
    return [
      warning(
        'neither a manager nor riposte serve runs here: unless cron runs riposte scan, only a person can block',
        'systemctl enable --now riposte',
      ),
    ];
  }
  if (found === undefined) {
    return [
      warning(
        `no OSSEC or Wazuh in ${home.root}: nothing answers an alert, only a person at this host can block`,
        'riposte doctor --home DIR, where DIR is the manager’s directory',
      ),
    ];
  }
  const { kind, role, version = 'of a version that its programs do not tell' } = found;
  const seen = `${kind === 'ossec' ? 'OSSEC' : 'Wazuh'} ${version}, ${role}, in ${home.root}`;
  if (isWazuh5(found) && role === 'server') {
    const why = `${seen}: the manager of Wazuh 5 runs no active responses itself, its agents do`;
    return [warning(why, 'riposte install on the agents')];
  }
  return [ok(seen)];
};

/** `riposte install --standalone` was here. */
const isStandalone = (home: Home): boolean => existsSync(manifestFileOf(home));

function isClosed(directory: string): boolean {
  try {
    accessSync(directory, constants.X_OK);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES';
  }
}
