import { chmodSync, chownSync, lstatSync, rmSync, type Stats } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { EX, RiposteError } from '../../../active-response/errors.ts';
import { fileError, makeDirectory } from '../../../active-response/files.ts';
import { tryLock } from '../../../active-response/lock.ts';

/** Bytes of sun_path on BSD, the smallest; Node cuts a longer path, and listens somewhere else. */
const LONGEST = 103;

/** A directory that nobody but us can look into, and where to listen in it. */
export interface Place {
  readonly directory: string;
  readonly socket: string;
  /** Lets another process listen there. */
  release(): void;
}

/**
 * Makes a directory ours alone, and clears what a dead server has left there. Nobody can lay a link in our
 * way: the directory is a real one of ours, and nobody else can write to it or replace it.
 *
 * @throws RiposteError TEMPFAIL while another process listens; CANTCREAT when somebody else's things are there
 */
export function prepareDirectory(path: string): Place {
  const place = claimSocket(join(path, 'report.sock'));
  try {
    // Closed until the socket has its owner and its mode: what is in it cannot be reached before.
    chmodSync(place.directory, 0o700);
  } catch (error) {
    place.release();
    throw fileError('use', place.directory, error);
  }
  return place;
}

/** The same for a socket of any name; the directory, which may hold others, keeps its mode. @throws as that does */
export function claimSocket(path: string): Place {
  const socket = resolve(path);
  const directory = dirname(socket);
  if (Buffer.byteLength(socket) > LONGEST) throw refusal(socket, `has more than ${LONGEST} bytes`);
  makeOwnDirectory(directory);
  const release = tryLock(`${socket.replace(/\.sock$/, '')}.lock`);
  if (release === undefined)
    throw new RiposteError(EX.TEMPFAIL, `another process listens at ${socket}; end it first`);
  try {
    removeStale(socket);
  } catch (error) {
    release();
    throw fileError('use', directory, error);
  }
  return { directory, socket, release };
}

/** Lets the group in, too: to the socket that is there, and no further. Without one, root alone. */
export function openToGroup({ directory, socket }: Place, gid: number | undefined): void {
  try {
    chmodSync(socket, gid === undefined ? 0o600 : 0o660);
    if (gid === undefined) return;
    chownSync(socket, ownUser(), gid);
    chownSync(directory, ownUser(), gid);
    chmodSync(directory, 0o750);
  } catch (error) {
    throw fileError('open to its group', directory, error);
  }
}

/** Lets those in whom the directory lets in already: its group. */
export function openToDirectorysGroup({ directory, socket }: Place): void {
  try {
    chownSync(socket, ownUser(), lstatSync(directory).gid);
    chmodSync(socket, 0o660);
  } catch (error) {
    throw fileError('open to its group', socket, error);
  }
}

function makeOwnDirectory(directory: string): void {
  makeDirectory(directory, 0o700);
  const own = statOf(directory);
  if (!own?.isDirectory() || own.uid !== ownUser() || (own.mode & 0o022) !== 0)
    throw refusal(directory, 'is no directory of ours alone');
  const above = statOf(`${dirname(directory)}/.`);
  const isSticky = ((above?.mode ?? 0) & 0o1000) !== 0;
  if (!above || (above.uid !== 0 && above.uid !== ownUser()) || ((above.mode & 0o022) !== 0 && !isSticky))
    throw refusal(directory, 'is where others can replace it');
}

function removeStale(socket: string): void {
  const stats = statOf(socket);
  if (stats && !stats.isSocket()) throw refusal(socket, 'is no socket');
  rmSync(socket, { force: true });
}

const statOf = (path: string): Stats | undefined => lstatSync(path, { throwIfNoEntry: false });

const ownUser = (): number => process.geteuid?.() ?? 0;

const refusal = (path: string, why: string): RiposteError =>
  new RiposteError(EX.CANTCREAT, `${path} ${why}; choose another directory, or remove it`);
