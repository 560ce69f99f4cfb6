import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isWazuh5 } from '../examination.ts';
import { orOk, warning } from '../finding.ts';
import { localFiles, reads } from '../local-files.ts';
import type { Check } from './check.ts';

/** Where Apache and nginx log by default, on Debian, Red Hat and SUSE. */
const USUAL = [
  '/var/log/apache2/access.log',
  '/var/log/apache2/error.log',
  '/var/log/apache2/other_vhosts_access.log',
  '/var/log/apache2/access_log',
  '/var/log/apache2/error_log',
  '/var/log/httpd/access_log',
  '/var/log/httpd/error_log',
  '/var/log/nginx/access.log',
  '/var/log/nginx/error.log',
];

/** The logs of web servers on this host are read, and those that are read are there. */
export const webLogs: Check = (examined) => {
  const { manager, conf, root } = examined;
  if (manager === undefined || conf === undefined || isWazuh5(manager)) return [];
  const files = localFiles(examined);
  const here = USUAL.map((path) => join(root, path)).filter((file) => existsSync(file));
  const unread = here.filter((file) => !reads(files, file));
  const named = files.filter(
    ({ path, format }) => /\/(apache2?|httpd|nginx)\//.test(path) || format === 'apache',
  );
  const gone = named.filter(({ path }) => !/[*?%]/.test(path) && !existsSync(path));
  const wrong = [
    ...unread.map((file) =>
      warning(
        `${file} is there, and nothing reads it: no alert comes from it`,
        `<localfile><log_format>apache</log_format><location>${file}</location></localfile>`,
      ),
    ),
    ...gone.map(({ path }) =>
      warning(
        `${conf.file}: logcollector is to read ${path}, which is not there`,
        'take that <localfile> out',
      ),
    ),
  ];
  return here.length === 0 && wrong.length === 0 ? [] : orOk(wrong, `the web server’s logs are read`);
};
