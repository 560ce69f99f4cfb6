import { ok, problem } from '../finding.ts';
import type { Check } from './check.ts';

/** Checks that the doctor can read everything: only root can. */
export const privilege: Check = ({ isRoot, unseen }) => {
  if (isRoot && unseen.length === 0) return [ok('riposte doctor runs as root, so it can make every check')];
  return [
    ...(isRoot ? [] : [NOT_ROOT]),
    ...unseen.map((why) => problem(`cannot be checked: ${why}`, 'sudo riposte doctor')),
  ];
};

const NOT_ROOT = problem(
  'riposte doctor does not run as root, so it cannot check all of the firewall, the routes and the manager’s files, and runs no self-test',
  'sudo riposte doctor',
);
