import { statSync } from 'node:fs';
import { join } from 'node:path';
import { readIfThere } from '../base/files.ts';
import { configurationHost } from '../logs/configuration/configuration-host.ts';
import { webServers } from '../logs/configuration/web-servers.ts';
import { webLogs } from './conf-file.ts';
import type { ManagedTarget } from './install-target.ts';
import { type LogsToServe, linesOf, logsToServe } from './logs-to-serve.ts';

/** The time limit for a web server to print its configuration, in seconds. */
const TIME_LIMIT = 20;

const NOTHING: LogsToServe = { items: [], formats: new Map(), remarks: [] };

/**
 * The logs for LOGS on a host without a manager: the logs in the web servers' own configuration, else the logs in the
 * usual places. None if LOGS is set already, and none on a host with a manager where `riposte serve` will not run.
 *
 * @param serves true if `riposte serve` will run beside the manager
 */
export function findLogsToServe(target: ManagedTarget, serves: boolean): LogsToServe {
  if (target.manager.kind !== 'none' && !serves) return NOTHING;
  const settings = settingsFile(target);
  if (settings !== undefined && /^\s*LOGS\s*=\s*[^\s#]/m.test(readIfThere(settings) ?? '')) return NOTHING;
  const found = configuredOrUsualLogs(target);
  if (settings === undefined || found.items.length === 0) return found;
  // The file belongs to the administrator.
  const advice = `${target.inside(settings)} has no LOGS, and Riposte does not change this file; you can add:`;
  return { ...found, remarks: [...found.remarks, advice, ...linesOf(found)] };
}

function configuredOrUsualLogs(target: ManagedTarget): LogsToServe {
  const { root } = target;
  const configurations = webServers(configurationHost(root, TIME_LIMIT));
  if (configurations.length === 0) return { ...NOTHING, items: webLogs(target) };
  return logsToServe(
    configurations,
    (path) => statSync(join(root, path), { throwIfNoEntry: false })?.isFile() === true,
  );
}

/** The settings file that counts: the first that exists. */
function settingsFile({ home, root }: ManagedTarget): string | undefined {
  const [own = '', general = ''] = home.settings;
  return [own, join(root, general)].find((file) => statSync(file, { throwIfNoEntry: false }) !== undefined);
}
