import { existsSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { EX, RiposteError } from '../base/errors.ts';
import { fileError, readBytesIfThere, readRegular } from '../base/files.ts';
import { followed } from '../base/followed.ts';
import type { DesiredFile } from './desired-file.ts';
import type { InstallTarget, ManagedTarget } from './install-target.ts';
import { isErrorLogPath, readsErrorLogs, USUAL_ERROR_LOGS } from './manager/readable-logs.ts';

/** ossec.conf as read. */
export interface ConfFile {
  /** The path of the file itself, even when etc/ossec.conf is a link. */
  readonly path: string;
  /** Its bytes (latin1). */
  readonly text: string;
  readonly stats: Stats;
}

/** @throws RiposteError (CONFIG) when it is missing */
export function readConf({ home }: InstallTarget): ConfFile {
  if (!existsSync(home.ossecConf))
    throw new RiposteError(EX.CONFIG, `there is no ${home.ossecConf}: set the manager up first`);
  try {
    const path = followed(home.ossecConf);
    const stats = statSync(path);
    if (!stats.isFile()) throw new RiposteError(EX.CONFIG, `${home.ossecConf} is not a regular file`);
    return { path, text: readRegular(path).toString('latin1'), stats };
  } catch (error) {
    throw fileError('read', home.ossecConf, error);
  }
}

/**
 * Checks that ossec.conf has not changed since it was read, because the manager's programs take seconds to check the
 * new text.
 *
 * @throws RiposteError (TEMPFAIL)
 */
export function demandUnchanged({ path, text }: ConfFile): void {
  if (readBytesIfThere(path)?.toString('latin1') === text) return;
  throw new RiposteError(EX.TEMPFAIL, `another program changed ${path} meanwhile: run the command again`);
}

/** A file with another text, and with owner, group and mode of ossec.conf. */
export const likeConf = ({ stats }: ConfFile, path: string, text: string): DesiredFile => ({
  path,
  bytes: Buffer.from(text, 'latin1'),
  uid: stats.uid,
  gid: stats.gid,
  mode: stats.mode & 0o7777,
});

/** The copy of ossec.conf before Riposte's last change. */
export const backupOf = ({ home }: InstallTarget): string => `${home.ossecConf}.before-riposte`;

/**
 * The new ossec.conf to check. It is in the directory of the old one, because the manager's programs may run in a
 * chroot jail of the home.
 */
export const candidateOf = ({ home }: InstallTarget): string => join(home.root, 'etc/.ossec.conf.riposte');

/**
 * The logs of Apache and nginx on Debian, Red Hat and SUSE; not nginx's error log, in which clients can write lines. Error
 * logs come first: a manager reads logs in this order, and rules 117016 and 117017 wait for a request after the error.
 */
const WEB_LOGS = [
  ...USUAL_ERROR_LOGS,
  '/var/log/apache2/access.log',
  '/var/log/apache2/other_vhosts_access.log',
  '/var/log/apache2/access_log',
  '/var/log/httpd/access_log',
  '/var/log/httpd/ssl_access_log',
  '/var/log/nginx/access.log',
];

/** The web logs that exist on this host. */
export const webLogs = ({ root }: InstallTarget): string[] =>
  WEB_LOGS.filter((log) => statSync(join(root, log), { throwIfNoEntry: false })?.isFile());

/** The web logs that the manager reads, and remarks about the logs that it must not read. */
export function managersLogs(target: ManagedTarget): { readonly logs: string[]; readonly remarks: string[] } {
  const all = webLogs(target);
  if (readsErrorLogs(target.manager)) return { logs: all, remarks: [] };
  const remarks = all
    .filter(isErrorLogPath)
    .map(
      (log) =>
        `left out ${log}: an OSSEC server cannot tell an error log from an access log (docs/decoders.md)`,
    );
  return { logs: all.filter((log) => !isErrorLogPath(log)), remarks };
}
