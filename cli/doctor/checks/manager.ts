import { accessSync, constants } from 'node:fs';
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

function isClosed(directory: string): boolean {
  try {
    accessSync(directory, constants.X_OK);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES';
  }
}
