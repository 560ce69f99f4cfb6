import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { RequestDirectory } from '../../daemon/request-directory.ts';
import { RESPOND_UNIT } from '../../install/units/respond-unit.ts';
import { ok, warning } from '../finding.ts';
import type { Check } from './check.ts';

/** Checks that `riposte respond` or `serve` answers scripts; no finding if neither was set up. */
export const respond: Check = ({ root, home }) => {
  const daemon = new RequestDirectory(home).daemonStatus();
  if (daemon?.isHeard) return [ok(`process ${daemon.pid} answers the scripts`)];
  const why = 'each alert starts Node';
  if (daemon)
    return [
      warning(
        `process ${daemon.pid}, which answered the scripts, is gone: ${why}`,
        `systemctl restart ${RESPOND_UNIT}`,
      ),
    ];
  if (existsSync(join(root, 'etc/systemd/system/multi-user.target.wants', RESPOND_UNIT)))
    return [warning(`${RESPOND_UNIT} does not run: ${why}`, `systemctl start ${RESPOND_UNIT}`)];
  return [];
};
