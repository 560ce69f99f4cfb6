import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Home } from '../../active-response/home.ts';
import { RequestDirectory } from '../../daemon/request-directory.ts';
import type { Manager } from '../../install/manager/manager.ts';
import { RESPOND_UNIT } from '../../install/units/respond-unit.ts';
import { ok, warning } from '../finding.ts';
import { lastLines } from '../tail.ts';
import type { Check } from './check.ts';

/** Checks that `riposte respond` or `serve` answers scripts; no finding if neither was set up. */
export const respond: Check = ({ root, home, manager }) => {
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
  const most = manager === undefined ? 0 : mostAtOnce(home, manager.kind);
  if (most < MANY) return [];
  return [
    warning(
      `the manager sent ${most} requests within ${SPAN / 1000} seconds: ${why}`,
      'riposte install --respond',
    ),
  ];
};

/** With MANY requests within SPAN milliseconds, starting Node for each request delays blocks. */
const MANY = 20;
const SPAN = 10_000;

/** The maximum number of requests of this manager within SPAN, in the last lines of the journal. */
function mostAtOnce({ journal }: Home, kind: Manager['kind']): number {
  let lines: string[] = [];
  try {
    lines = lastLines(journal, 1000);
  } catch {
    return 0; // no journal yet; other checks report an unreadable journal
  }
  const times = lines.flatMap((line) => timeOf(line, kind) ?? []).sort((a, b) => a - b);
  return Math.max(
    0,
    ...times.map((start, i) => times.filter((time, j) => j >= i && time - start < SPAN).length),
  );
}

function timeOf(line: string, kind: Manager['kind']): number | undefined {
  try {
    const { time, command, protocol } = JSON.parse(line);
    const isManagers = command === 'add' && String(protocol).startsWith(kind);
    return isManagers ? Date.parse(time) : undefined;
  } catch {
    return undefined;
  }
}
