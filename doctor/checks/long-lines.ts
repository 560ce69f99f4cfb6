import { existsSync } from 'node:fs';
import { isErrorLogPath, readsErrorLogs, USUAL_ERROR_LOGS } from '../../install/manager/readable-logs.ts';
import type { ConfiguredLog } from '../../logs/configuration/configured-log.ts';
import { type Examination, fileAt } from '../examination.ts';
import { type Judged, orOk, problem, warning } from '../finding.ts';
import { localFiles, reads } from '../local-files.ts';
import type { Check } from './check.ts';

/**
 * Finds logs that OSSEC reads and in which a client can write a whole line: OSSEC's logcollector cuts a line after 5887
 * bytes, and sends the rest as a separate line (docs/decoders.md).
 */
export const longLines: Check = (examined) => {
  const { manager } = examined;
  if (manager?.kind !== 'ossec') return [];
  const wrong = [...(readsErrorLogs(manager) ? [] : errorLogs(examined)), ...logsWithUsers(examined)];
  return orOk(wrong, 'OSSEC reads no log in which a client can write a whole line');
};

function errorLogs(examined: Examination): Judged[] {
  const files = localFiles(examined);
  const configured = examined
    .webServers()
    .flatMap(({ logs }) => logs)
    .flatMap(({ kind, path }) => (kind === 'error' && path !== undefined ? [path] : []));
  const known = [...new Set([...configured, ...USUAL_ERROR_LOGS])].map((path) => fileAt(examined, path));
  const named = files.map(({ path }) => path).filter(isErrorLogPath);
  const read = known.filter((path) => existsSync(path) && reads(files, path));
  return [...new Set([...named, ...read])].map((path) =>
    problem(
      `${path} is an error log, and an OSSEC server cannot tell it from an access log: a client can write a line in it that makes a response block any address`,
      `remove its <localfile> from ${examined.home.ossecConf}; let riposte serve --alerts read the log (docs/decoders.md)`,
    ),
  );
}

function logsWithUsers(examined: Examination): Judged[] {
  const files = localFiles(examined);
  const isRead = ({ path }: ConfiguredLog) => path !== undefined && reads(files, fileAt(examined, path));
  const logs = examined
    .webServers()
    .flatMap((each) => each.logs)
    .filter((log) => log.kind === 'access' && USER[log.server].test(log.format?.text ?? '') && isRead(log));
  return [...new Map(logs.map((log) => [log.path, log])).values()].map(({ path, place, server }) =>
    warning(
      `${path} (${place}) contains user names: a client with a name of 5,900 letters can make a response block any address, because OSSEC cuts the line`,
      server === 'apache'
        ? 'write - instead of %u in that LogFormat, then reload Apache, or let riposte serve --alerts read the log'
        : 'write - instead of $remote_user in that log_format, then reload nginx, or let riposte serve --alerts read the log',
    ),
  );
}

/** The directive for a user name; nginx's `combined` contains it. */
const USER = { apache: /%[<>]?u/, nginx: /\$\{?remote_user\b/ } as const;
