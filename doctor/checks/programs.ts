import { lookForProgram } from '../../base/find-program.ts';
import { restartOf } from '../examination.ts';
import { ok, problem } from '../finding.ts';
import type { Check } from './check.ts';

const FULL = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Checks that the service's PATH has `ip`, which every response runs to find the default gateway. */
export const programs: Check = (examined) => {
  const { service, manager } = examined;
  if (manager === undefined || process.platform !== 'linux') return [];
  if (lookForProgram('ip', service.path) !== undefined)
    return [ok(`PATH (${service.source}): ${service.path || 'not set: the usual directories'}`)];
  const seen = `ip is not in the PATH of the service (${service.source}: ${service.path})`;
  const isElsewhere = lookForProgram('ip', FULL) !== undefined;
  const unit = `${manager.kind}${manager.role === 'agent' ? '-agent' : manager.kind === 'wazuh' ? '-manager' : ''}`;
  const path = `systemctl edit ${unit}: [Service] Environment=PATH=${FULL}; or export this PATH in the service’s init script; then ${restartOf(examined)}`;
  return [problem(seen, isElsewhere ? path : 'apt install iproute2')];
};
