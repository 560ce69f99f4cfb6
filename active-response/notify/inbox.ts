import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { EX, RiposteError } from '../errors.ts';
import { fileError, makeDirectory, replaceFile } from '../files.ts';
import type { Home } from '../home.ts';
import { type Notice, readNotice } from './notice.ts';
import { directoryOf, fileOf, idsIn, putNotice, spoolOf } from './spool.ts';

/** The longest notice that is taken from there, in bytes. */
const LONGEST = 128 * 1024;
/** How many are taken in at once. */
const MOST = 1000;

/** The integration that Wazuh's integratord runs: as the account `wazuh`, not as root. */
export const integrationOf = ({ root }: Home): string => join(root, 'integrations/custom-riposte-email');

/**
 * Makes the one directory of the spool that the manager's group may write to, where the integration is installed.
 * The group cannot list it, nor read what others have put there.
 */
export function makeInbox(home: Home): void {
  const integration = statSync(integrationOf(home), { throwIfNoEntry: false });
  const inbox = directoryOf(home, 'inbox');
  if (integration === undefined || process.getuid?.() !== 0 || statSync(inbox, { throwIfNoEntry: false }))
    return;
  try {
    makeDirectory(spoolOf(home), 0o755);
    mkdirSync(inbox, { mode: 0o700 });
    chownSync(inbox, 0, integration.gid);
    chmodSync(inbox, 0o1730);
  } catch (error) {
    throw fileError('create', inbox, error);
  }
}

/** Puts a notice there, for root to send. @throws RiposteError (IOERR, NOPERM) */
export function putIntoInbox(home: Home, notice: Notice): void {
  const inbox = directoryOf(home, 'inbox');
  if (!statSync(inbox, { throwIfNoEntry: false }))
    throw new RiposteError(EX.IOERR, `there is no ${inbox} yet: riposte sweep, as root, makes it`);
  replaceFile(fileOf(home, 'inbox', notice.id), JSON.stringify(notice), 0o600);
}

/**
 * Takes in what lies there. Its id says where it comes from, so that it takes the place of nothing else, and is the
 * same when a run was killed between writing it down and removing it.
 *
 * @returns the names of files that hold no notice; they are gone
 */
export function takeIn(home: Home): string[] {
  return idsIn(home, 'inbox')
    .slice(0, MOST)
    .flatMap((id) => {
      const file = fileOf(home, 'inbox', id);
      const value = readForeign(file);
      if (value !== undefined) putNotice(home, readNotice(value, `${id.slice(0, 60)}-inbox`));
      rmSync(file, { force: true, recursive: true });
      return value === undefined ? [file] : [];
    });
}

/** JSON from a file of somebody else's; undefined for a link, a pipe, a second name of another file, and no JSON. */
function readForeign(file: string): unknown {
  try {
    const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    try {
      const stats = fstatSync(fd);
      return stats.isFile() && stats.nlink === 1 && stats.size <= LONGEST
        ? JSON.parse(readFileSync(fd, 'utf8'))
        : undefined;
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
}
