import { ok, problem } from '../finding.ts';
import type { Check } from './check.ts';

/** Only root may look at everything. */
export const privilege: Check = ({ isRoot, unseen }) => {
  if (isRoot && unseen.length === 0) return [ok('root, who may look at everything')];
  return [
    ...(isRoot ? [] : [NOT_ROOT]),
    ...unseen.map((why) => problem(`could not be looked at: ${why}`, 'sudo riposte doctor')),
  ];
};

const NOT_ROOT = problem(
  'not root: firewall, routes and the manager’s files cannot all be looked at, and nothing can be tested',
  'sudo riposte doctor',
);
