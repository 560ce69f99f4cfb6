import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { answeredBy } from '../../resident/answered-by.ts';
import { Box } from '../../resident/box.ts';
import { RESPOND_UNIT } from '../../resident/unit.ts';
import { ok, warning } from '../finding.ts';
import type { Check } from './check.ts';

/** Whether scripts are answered by `riposte respond` or `serve`; nothing where nobody has asked for that. */
export const respond: Check = ({ root, home }) => {
  const answerer = answeredBy(new Box(home));
  if (answerer?.isHeard) return [ok(`process ${answerer.pid} answers the scripts`)];
  const why = 'each alert starts a Node';
  if (answerer)
    return [
      warning(
        `process ${answerer.pid}, which answered the scripts, is gone: ${why}`,
        `systemctl restart ${RESPOND_UNIT}`,
      ),
    ];
  if (existsSync(join(root, 'etc/systemd/system/multi-user.target.wants', RESPOND_UNIT)))
    return [warning(`${RESPOND_UNIT} does not run: ${why}`, `systemctl start ${RESPOND_UNIT}`)];
  return [];
};
