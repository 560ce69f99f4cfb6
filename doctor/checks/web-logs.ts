import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isErrorLogPath, readsErrorLogs } from '../../install/manager/readable-logs.ts';
import { isServerOfWazuh5, isWazuh5 } from '../examination.ts';
import { orOk, warning } from '../finding.ts';
import { localFiles, reads } from '../local-files.ts';
import type { Check } from './check.ts';

/**
 * The default logs of Apache and nginx on Debian, Red Hat and SUSE, without nginx's error log, because clients can
 * write lines into it.
 */
const USUAL = [
  '/var/log/apache2/access.log',
  '/var/log/apache2/error.log',
  '/var/log/apache2/other_vhosts_access.log',
  '/var/log/apache2/access_log',
  '/var/log/apache2/error_log',
  '/var/log/httpd/access_log',
  '/var/log/httpd/error_log',
  '/var/log/nginx/access.log',
];

/** Checks that the manager reads the web servers' logs on this host, and that the logs it reads exist. */
export const webLogs: Check = (examined) => {
  const { manager, conf, root } = examined;
  if (manager === undefined || conf === undefined || isServerOfWazuh5(manager)) return [];
  // On a host with an agent of Wazuh 5, riposte serve may read the logs instead of the agent.
  if (isWazuh5(manager) && examined.settings.logs.length > 0) return [];
  const files = localFiles(examined);
  const usual = readsErrorLogs(manager) ? USUAL : USUAL.filter((path) => !isErrorLogPath(path));
  const here = usual.map((path) => join(root, path)).filter((file) => existsSync(file));
  const unread = here.filter((file) => !reads(files, file));
  const named = files.filter(
    ({ path, format }) => /\/(apache2?|httpd|nginx)\//.test(path) || format === 'apache',
  );
  const gone = named.filter(({ path }) => !/[*?%]/.test(path) && !existsSync(path));
  const wrong = [
    ...unread.map((file) =>
      warning(
        `${file} exists, but nothing reads it, so it raises no alert`,
        `<localfile><log_format>apache</log_format><location>${file}</location></localfile>`,
      ),
    ),
    ...gone.map(({ path }) =>
      warning(`${conf.file}: a <localfile> names ${path}, which does not exist`, 'remove that <localfile>'),
    ),
  ];
  return here.length === 0 && wrong.length === 0 ? [] : orOk(wrong, 'the web server’s logs are read');
};
