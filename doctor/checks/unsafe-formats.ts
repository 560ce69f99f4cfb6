import { RiposteError } from '../../base/errors.ts';
import { formatOfConfigured } from '../../logs/configuration/configured-format.ts';
import type { ConfiguredLog } from '../../logs/configuration/configured-log.ts';
import type { Examination } from '../examination.ts';
import { type Judged, orOk, problem, warning } from '../finding.ts';
import { coverageOf } from '../web-server-logs.ts';
import type { Check } from './check.ts';

/**
 * Checks in the web servers' configurations that no client can forge an address in a log that Riposte or the manager
 * reads.
 */
export const unsafeFormats: Check = (examined) => {
  const configurations = examined.webServers();
  if (configurations.length === 0) return [];
  const { isRead, isInLogs } = coverageOf(examined);
  const logs = configurations.flatMap((each) => each.logs).filter((log) => isRead(log));
  const wrong = [
    ...logs.flatMap((log) =>
      log.server === 'nginx' && log.kind === 'error' ? nginxErrorLog(log, isInLogs(log), examined) : [],
    ),
    ...logs.flatMap((log) => (log.kind === 'access' ? unusable(log) : [])),
    ...configurations.flatMap(({ server, problems }) =>
      problems.map((each) => warning(each, server === 'apache' ? 'apachectl configtest' : 'nginx -t')),
    ),
  ];
  const sources = configurations.map(({ source }) => source).join(', ');
  return orOk(
    oneEach(wrong),
    `no client can forge an address in the logs that Riposte or the manager reads (${sources})`,
  );
};

function unusable(log: ConfiguredLog): Judged[] {
  try {
    formatOfConfigured(log);
    return [];
  } catch (error) {
    if (!(error instanceof RiposteError)) throw error;
    const reload = log.server === 'apache' ? 'Apache' : 'nginx';
    return [problem(`${log.path}: ${error.message}`, `change that format, and reload ${reload}`)];
  }
}

function nginxErrorLog(log: ConfiguredLog, isInLogs: boolean, examined: Examination): Judged[] {
  const seen = `${log.path} is nginx’s error log (${log.place}): nginx does not escape line breaks in it, so a client can write whole lines`;
  return isInLogs
    ? [
        problem(
          seen,
          `remove it from LOGS in ${examined.home.settings[0]}; the access log records the same clients`,
        ),
      ]
    : [warning(seen, `remove its <localfile> from ${examined.home.ossecConf}`)];
}

/** Several virtual hosts may write to one log. */
const oneEach = (judged: readonly Judged[]): Judged[] => [
  ...new Map(judged.map((each) => [each.seen, each])).values(),
];
