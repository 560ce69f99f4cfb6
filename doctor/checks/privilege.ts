import { ok, problem } from '../finding.ts';
import type { Check } from './check.ts';

/** Checks that the doctor can read everything: only root can. */
export const privilege: Check = ({ isRoot, unseen }) => {
  if (isRoot && unseen.length === 0) return [ok('runs as root, so every check is possible')];
  return [
    ...(isRoot ? [] : [NOT_ROOT]),
    ...unseen.map((why) => problem(`cannot be checked: ${why}`, 'sudo riposte doctor')),
  ];
};

const NOT_ROOT = problem(
  'not root: some of the firewall, the routes and the manager’s files cannot be checked, and no self-test can run',
  'sudo riposte doctor',
);
