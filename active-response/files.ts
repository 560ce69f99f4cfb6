import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { EX, RiposteError } from './errors.ts';

/** The text of a file, or undefined when there is none. */
export function readIfThere(file: string): string | undefined {
  try {
    // The common case, and cheaper than an exception. Not existsSync: what cannot be reached is not missing.
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats === undefined) return undefined;
    if (stats.isFIFO()) throw systemError('ENXIO'); // nobody may ever write to it
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fileError('read', file, error);
  }
}

/**
 * Adds a line in one write, so that lines of concurrent writers never mix. Makes file and directory where they
 * are missing; the file's mode then is `mode` whatever the umask, as other programs of the manager write to it.
 * Never through a link or into a pipe: logs/ is the manager's own account's, and root does not do its writing.
 */
export function appendLine(file: string, line: string, mode = 0o640, directoryMode = 0o750): void {
  const isNew = !existsSync(file);
  writeWhole(file, APPEND, `${line}\n`, mode, false, directoryMode, (fd) => {
    if (fstatSync(fd).isFIFO()) throw systemError('ENXIO');
    if (fstatSync(fd).nlink > 1) throw systemError('EMLINK');
    if (isNew) fchmodSync(fd, mode);
  });
}

const APPEND =
  constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Replaces a file as one step: whoever reads it sees all of the old text or all of the new one, also after a
 * crash. A failure leaves the old file and no temporary one.
 */
export function replaceFile(file: string, text: string, mode = 0o640): void {
  const temporary = temporaryFor(file);
  try {
    writeWhole(temporary, 'wx', text, mode, true);
    renameSync(temporary, file);
  } catch (error) {
    dropTemporary(temporary);
    throw fileError('write', file, error);
  }
}

let thread = '';

/** Gives the temporary files of this thread names of their own: beside it, another one of its process may write. */
export function nameThread(name: string): void {
  thread = `-${name}`;
}

/** The name of the file that is to take another's place. */
export const temporaryFor = (file: string): string =>
  join(dirname(file), `.${basename(file)}.${process.pid}${thread}.tmp`);

/** That it fails, too, as where a part of the path is no directory, tells nothing new. */
export function dropTemporary(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {}
}

/** Writes a file that nobody reads yet, and its directory where that is missing, and syncs it. */
export function writeNewFile(
  file: string,
  text: string,
  modes: { mode: number; directoryMode: number },
): void {
  writeWhole(file, 'wx', text, modes.mode, true, modes.directoryMode);
}

/**
 * Makes a directory of this mode, and those above it that are missing so that everybody can pass through.
 *
 * @throws RiposteError (IOERR, NOPERM)
 */
export function makeDirectory(directory: string, mode: number): void {
  try {
    makeAll(directory, mode);
  } catch (error) {
    throw fileError('make', directory, error);
  }
}

function makeAll(directory: string, mode: number): void {
  mkdirSync(dirname(directory), { recursive: true, mode: 0o755 });
  mkdirSync(directory, { recursive: true, mode });
}

/** True for the error of a file or a directory that is not there. */
export function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** A system error as one that names the file and what to look at. */
export function fileError(verb: string, file: string, error: unknown): RiposteError {
  if (error instanceof RiposteError) return error;
  const { code = 'error', message } = error as NodeJS.ErrnoException;
  const denied = code === 'EACCES' || code === 'EPERM';
  const why = WHY[code] ?? message;
  return new RiposteError(denied ? EX.NOPERM : EX.IOERR, `cannot ${verb} ${file}: ${why}`);
}

const WHY: Record<string, string> = {
  EACCES: 'permission denied (run as root?)',
  EPERM: 'operation not permitted (run as root? chattr -i?)',
  ENOSPC: 'no space left on the device',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only (in a unit of systemd: is it in ReadWritePaths=?)',
  EISDIR: 'it is a directory',
  EEXIST: 'something else is in the way; move it away',
  ELOOP: 'a link is in the way; move it away',
  EMLINK: 'it has a second name elsewhere; move it away',
  ENXIO: 'it is a pipe and no regular file; move it away',
  ENOTDIR: 'a part of the path is not a directory',
};

function writeWhole(
  file: string,
  flags: number | 'wx',
  text: string,
  mode: number,
  sync = false,
  directoryMode = 0o750,
  look: (fd: number) => void = () => {},
): void {
  const bytes = Buffer.from(text);
  try {
    const fd = openMakingDirectory(file, flags, mode, directoryMode);
    try {
      look(fd);
      if (writeSync(fd, bytes) !== bytes.length) throw systemError('ENOSPC');
      if (sync) fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw fileError('write', file, error);
  }
}

export const systemError = (code: string): Error => Object.assign(new Error(code), { code });

export function openMakingDirectory(
  file: string,
  flags: number | 'wx',
  mode: number,
  directoryMode: number,
): number {
  try {
    return openSync(file, flags, mode);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A temporary file of a process that was killed, or a link that somebody has laid there: never written through.
    if (code === 'EEXIST') rmSync(file, { force: true });
    else if (code === 'ENOENT') makeAll(dirname(file), directoryMode);
    else throw error;
    return openSync(file, flags, mode);
  }
}
