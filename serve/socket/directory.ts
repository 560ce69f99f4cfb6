import { chmodSync, chownSync, lstatSync, rmSync, type Stats } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { EX, RiposteError } from '../../base/errors.ts';
import { fileError, makeDirectory } from '../../base/files.ts';
import { takeSingletonLock } from '../../base/singleton-lock.ts';

/**
 * The maximum length of a socket's path, in bytes: the size of sun_path on BSD, which is smaller than on Linux, without
 * its NUL. Node would cut a longer path, and listen elsewhere.
 */
const LONGEST = 103;

/** A socket's path, and its directory, which only this account can change. */
export interface SocketPlace {
  readonly directory: string;
  readonly socket: string;
  /** Releases the lock, so that another process can listen there. */
  release(): void;
}

/**
 * Makes a directory private to this account, and removes the socket of a killed server. No other account can place a
 * link there: the directory is a real directory, belongs to this account, and no other account can write to it or
 * replace it.
 *
 * @throws RiposteError (TEMPFAIL) while another process listens; (CANTCREAT) when the path belongs to another account
 * or is not a socket
 */
export function prepareDirectory(path: string): SocketPlace {
  const place = claimSocket(join(path, 'report.sock'));
  try {
    // Keep the directory closed until the socket has its owner and mode.
    chmodSync(place.directory, 0o700);
  } catch (error) {
    place.release();
    throw fileError('use', place.directory, error);
  }
  return place;
}

/**
 * Does the same as `prepareDirectory`, for a socket of any name. The directory keeps its mode, because it may hold
 * other files.
 */
export function claimSocket(path: string): SocketPlace {
  const socket = resolve(path);
  const directory = dirname(socket);
  if (Buffer.byteLength(socket) > LONGEST) throw refusal(socket, `has more than ${LONGEST} bytes`);
  makeOwnDirectory(directory);
  const release = takeSingletonLock({
    file: `${socket.replace(/\.sock$/, '')}.lock`,
    message: () => `another process listens at ${socket}; end it first`,
  });
  try {
    removeStale(socket);
  } catch (error) {
    release();
    throw fileError('use', directory, error);
  }
  return { directory, socket, release };
}

/**
 * Lets the group connect to the socket, but not write to the directory. Without a group, only the owner and root can
 * connect.
 */
export function openToGroup({ directory, socket }: SocketPlace, gid: number | undefined): void {
  try {
    chmodSync(socket, gid === undefined ? 0o600 : 0o660);
    if (gid === undefined) return;
    chownSync(socket, ownUser(), gid);
    chownSync(directory, ownUser(), gid);
    chmodSync(directory, 0o750);
  } catch (error) {
    throw fileError('give the group access to', directory, error);
  }
}

/** Lets the directory's group connect to the socket. */
export function openToDirectorysGroup({ directory, socket }: SocketPlace): void {
  try {
    chownSync(socket, ownUser(), lstatSync(directory).gid);
    chmodSync(socket, 0o660);
  } catch (error) {
    throw fileError('give the group access to', socket, error);
  }
}

function makeOwnDirectory(directory: string): void {
  makeDirectory(directory, 0o700);
  const own = statOf(directory);
  if (!own?.isDirectory() || own.uid !== ownUser() || (own.mode & 0o022) !== 0)
    throw refusal(directory, 'is not a directory that only this account can change');
  const above = statOf(`${dirname(directory)}/.`);
  const isSticky = ((above?.mode ?? 0) & 0o1000) !== 0;
  if (!above || (above.uid !== 0 && above.uid !== ownUser()) || ((above.mode & 0o022) !== 0 && !isSticky))
    throw refusal(directory, 'is in a directory where other accounts can replace it');
}

function removeStale(socket: string): void {
  const stats = statOf(socket);
  if (stats && !stats.isSocket()) throw refusal(socket, 'is not a socket');
  rmSync(socket, { force: true });
}

const statOf = (path: string): Stats | undefined => lstatSync(path, { throwIfNoEntry: false });

const ownUser = (): number => process.geteuid?.() ?? 0;

const refusal = (path: string, why: string): RiposteError =>
  new RiposteError(EX.CANTCREAT, `${path} ${why}; choose another directory, or remove ${path}`);
