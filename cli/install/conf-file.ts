import { existsSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { EX, RiposteError } from '../../active-response/errors.ts';
import { fileError } from '../../active-response/files.ts';
import type { WantedFile } from './belongings.ts';
import type { Site } from './site.ts';

/** ossec.conf as it is. */
export interface ConfFile {
  /** The file itself, where etc/ossec.conf is a link to it. */
  readonly path: string;
  /** Its bytes (latin1). */
  readonly text: string;
  readonly stats: Stats;
}

/** @throws RiposteError (CONFIG) when there is none */
export function readConf({ home }: Site): ConfFile {
  if (!existsSync(home.ossecConf))
    throw new RiposteError(EX.CONFIG, `there is no ${home.ossecConf}: set the manager up first`);
  try {
    const path = realpathSync(home.ossecConf);
    const stats = statSync(path);
    if (!stats.isFile()) throw new RiposteError(EX.CONFIG, `${home.ossecConf} is no regular file`);
    return { path, text: readFileSync(path, 'latin1'), stats };
  } catch (error) {
    throw fileError('read', home.ossecConf, error);
  }
}

/**
 * Checks that nobody has changed ossec.conf since it was read: the manager's programs take seconds to check what
 * shall take its place.
 *
 * @throws RiposteError (TEMPFAIL)
 */
export function demandUnchanged({ path, text }: ConfFile): void {
  if (existsSync(path) && readFileSync(path, 'latin1') === text) return;
  throw new RiposteError(EX.TEMPFAIL, `somebody has changed ${path} meanwhile: run it again`);
}

/** A file with another text, and the owner, group and mode of ossec.conf. */
export const likeConf = ({ stats }: ConfFile, path: string, text: string): WantedFile => ({
  path,
  bytes: Buffer.from(text, 'latin1'),
  uid: stats.uid,
  gid: stats.gid,
  mode: stats.mode & 0o7777,
});

/** ossec.conf as it was before the last change that Riposte made. */
export const backupOf = ({ home }: Site): string => `${home.ossecConf}.before-riposte`;

/** Beside ossec.conf, as the manager's programs may enter a jail of the home: the new one, to be checked. */
export const candidateOf = ({ home }: Site): string => join(home.root, 'etc/.ossec.conf.riposte');

/** Where Debian, Red Hat and SUSE have the logs of Apache and nginx. */
const WEB_LOGS = [
  '/var/log/apache2/access.log',
  '/var/log/apache2/other_vhosts_access.log',
  '/var/log/apache2/error.log',
  '/var/log/apache2/access_log',
  '/var/log/apache2/error_log',
  '/var/log/httpd/access_log',
  '/var/log/httpd/ssl_access_log',
  '/var/log/httpd/error_log',
  '/var/log/httpd/ssl_error_log',
  '/var/log/nginx/access.log',
  '/var/log/nginx/error.log',
];

/** Those that are on this host. */
export const webLogs = ({ root }: Site): string[] =>
  WEB_LOGS.filter((log) => statSync(join(root, log), { throwIfNoEntry: false })?.isFile());
