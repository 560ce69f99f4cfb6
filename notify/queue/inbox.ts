import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Home } from '../../active-response/home.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import { fileError, isMissing, makeDirectory, replaceFile } from '../../base/files.ts';
import { type Notice, newId, readNotice } from '../message/notice.ts';
import { directoryOf, fileOf, idsIn, putNotice, spoolOf } from './spool.ts';

/** The longest notice to accept, in bytes. */
const LONGEST = 128 * 1024;
/** The number of notices that are taken at once. */
const MOST = 1000;

/** The integration, which Wazuh's integratord runs as the account `wazuh`, not as root. */
export const integrationOf = ({ root }: Home): string => join(root, 'integrations/custom-riposte-email');

/**
 * Creates the only directory of the spool that the manager's group may write to, when the integration is installed.
 * The group can neither list it nor read other accounts' files there.
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

/** Puts a notice into the inbox, for root to send. @throws RiposteError (IOERR, NOPERM) */
export function putIntoInbox(home: Home, notice: Notice): void {
  const inbox = directoryOf(home, 'inbox');
  if (!statSync(inbox, { throwIfNoEntry: false }))
    throw new RiposteError(EX.IOERR, `there is no ${inbox} yet: run riposte sweep as root to create it`);
  replaceFile(fileOf(home, 'inbox', notice.id), JSON.stringify(notice), 0o600);
}

/**
 * Moves the inbox's notices into the spool. The new id is the file's name with a suffix. So the file cannot overwrite
 * another notice. If a run is killed after it has written the notice but before it has removed the file, the next run
 * overwrites the notice instead of making a second notice.
 *
 * First moves each file into a directory that only root can enter, where the manager's account can no longer swap it
 * for a link. Removes a directory only if it is empty, because other people's files may be in it.
 *
 * @returns a message for each file that was not a notice
 */
export function takeIn(home: Home): string[] {
  makeDirectory(directoryOf(home, 'taken'), 0o700);
  const left = readTaken(home); // the files that a killed run left
  for (const id of idsIn(home, 'inbox').slice(0, MOST)) take(home, id);
  return [...left, ...readTaken(home)];
}

function take(home: Home, id: string): void {
  const file = fileOf(home, 'inbox', id);
  try {
    renameSync(file, fileOf(home, 'taken', id));
  } catch (error) {
    if (!isMissing(error)) throw fileError('move', file, error);
  }
}

function readTaken(home: Home): string[] {
  return idsIn(home, 'taken').flatMap((id) => {
    const file = fileOf(home, 'taken', id);
    const value = readForeign(file);
    if (value !== undefined) putNotice(home, readNotice(value, `${id.slice(0, 60)}-inbox`));
    const setAside = remove(file);
    if (value !== undefined) return [];
    return [`${fileOf(home, 'inbox', id)} was not a notice of the integration${setAside}`];
  });
}

/** Removes a file or an empty directory. @returns for a directory that is not empty, a text that names its new place */
function remove(file: string): string {
  try {
    if (!lstatSync(file).isDirectory()) unlinkSync(file);
    else if (readdirSync(file).length === 0) rmdirSync(file);
    else {
      const aside = join(dirname(file), `${newId()}.refused`);
      renameSync(file, aside);
      return `, but a directory, which Riposte has moved; look at the moved directory and remove it: ${aside}`;
    }
    return '';
  } catch (error) {
    throw fileError('remove', file, error);
  }
}

/** Reads JSON from another account's file. Undefined for a link, a pipe, a hard link, and a text that is not JSON. */
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
