import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { linkableByOthers } from './changeable-by-others.ts';
import { EX, RiposteError } from './errors.ts';

/** The options for reading a file. */
export interface Reading {
  /** The longest file to accept, in bytes: a longer one would take the memory of the host. */
  readonly longest?: number;
  /** True for a name that was just listed: the file is nearly always there. */
  readonly isListed?: boolean;
  /** True for a file that its administrators may replace by a link: root reads it, but never quotes it. */
  readonly followsLinks?: boolean;
  /** Is called with the status of the file that is read. */
  readonly look?: (stats: Stats) => void;
}

/**
 * The text of a file, or undefined when there is none. Reads it as readRegular does.
 *
 * @throws RiposteError (IOERR, NOPERM)
 */
export const readIfThere = (file: string, reading?: Reading): string | undefined =>
  readBytesIfThere(file, reading)?.toString();

/** The bytes of a file, or undefined when there is none. @throws RiposteError (IOERR, NOPERM) */
export function readBytesIfThere(file: string, reading?: Reading): Buffer | undefined {
  try {
    // statSync is cheaper than an exception. existsSync would report an unreachable file as missing.
    if (!reading?.isListed && statSync(file, { throwIfNoEntry: false }) === undefined) return undefined;
    return readRegular(file, reading);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fileError('read', file, error);
  }
}

/**
 * The bytes of a regular file. Refuses a pipe, and does not wait for the pipe's writer. Without `followsLinks`, follows
 * a link only if root alone can change it: otherwise another account could make root read and quote a file of root's.
 *
 * @throws a system error, of code ELOOP, EFBIG, EISDIR or ENXIO for a file of another kind
 */
export function readRegular(
  file: string,
  { longest = 64 * 1024 * 1024, followsLinks = false, look }: Reading = {},
): Buffer {
  const fd = openToRead(file, followsLinks);
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) throw systemError(stats.isDirectory() ? 'EISDIR' : 'ENXIO');
    if (stats.size > longest) throw systemError('EFBIG');
    look?.(stats);
    if (stats.size === 0 || stats.size >= SHORT.length) return readFileSync(fd); // a file of /proc has no size
    return Buffer.from(SHORT.subarray(0, readSync(fd, SHORT)));
  } finally {
    closeSync(fd);
  }
}

/**
 * True if a file of less than 16 KiB has this line. False if the file is longer or cannot be read.
 *
 * @param line with its newline
 */
export function holdsLine(file: string, line: string): boolean {
  try {
    const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    try {
      const length = readSync(fd, SHORT);
      const at = SHORT.subarray(0, length).indexOf(line);
      return length < SHORT.length && at >= 0 && (at === 0 || SHORT[at - 1] === NEWLINE);
    } finally {
      closeSync(fd);
    }
  } catch {
    return false;
  }
}

const NEWLINE = 10;

/** The buffer for the text of a short file: reading into it takes half as long as readFileSync. */
const SHORT = Buffer.alloc(16 * 1024);

function openToRead(file: string, followsLinks: boolean): number {
  const flags = constants.O_RDONLY | constants.O_NONBLOCK;
  try {
    return openSync(file, followsLinks ? flags : flags | constants.O_NOFOLLOW);
  } catch (error) {
    const isLink = (error as NodeJS.ErrnoException).code === 'ELOOP';
    if (!isLink || linkableByOthers(file) !== undefined) throw error;
    return openSync(file, flags);
  }
}

/**
 * Appends a line in one write, so that lines of concurrent writers never mix. Creates file and directory where they are
 * missing, the file with exactly `mode` under any umask, because other programs of the manager write to it. Refuses
 * links and pipes: the manager's account owns logs/, and could redirect root's writes through them.
 *
 * @throws RiposteError (IOERR, NOPERM)
 */
export function appendLine(file: string, line: string, mode = 0o640, directoryMode = 0o750): void {
  const isNew = !existsSync(file);
  writeWhole(file, APPEND, `${line}\n`, mode, false, directoryMode, (fd) => {
    if (fstatSync(fd).isFIFO()) throw systemError('ENXIO');
    if (fstatSync(fd).nlink > 1) throw systemError('EMLINK');
    if (isNew) shareWithDirectory(fd, file, mode);
  });
}

/**
 * Gives a new file its mode, and the group of its directory: the file has the manager's group whichever account creates
 * it.
 */
function shareWithDirectory(fd: number, file: string, mode: number): void {
  fchmodSync(fd, mode);
  const { gid } = statSync(dirname(file));
  if (fstatSync(fd).gid === gid) return;
  try {
    fchownSync(fd, -1, gid);
  } catch {
    // A sandbox without CAP_CHOWN: riposte doctor names the group.
  }
}

const APPEND =
  constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Replaces a file atomically: a reader sees all of the old text or all of the new text, even after a crash. A failure
 * leaves the old file and no temporary file.
 *
 * @param check is called when the new text is on the disk; throws an error if the old file must stay
 * @throws RiposteError (IOERR, NOPERM), or the RiposteError of `check`
 */
export function replaceFile(file: string, text: string, mode = 0o640, check = () => {}): void {
  const temporary = temporaryFor(file);
  try {
    writeWhole(temporary, 'wx', text, mode, true);
    check();
    renameSync(temporary, file);
  } catch (error) {
    dropTemporary(temporary);
    throw fileError('write', file, error);
  }
}

let thread = '';

/** Gives this thread's temporary files distinct names: another thread of the process may write the same file. */
export function nameThread(name: string): void {
  thread = name;
}

/**
 * The name of the temporary file that is to replace `file`.
 *
 * @param batch distinguishes batches written by one thread at the same time
 */
export function temporaryFor(file: string, batch = ''): string {
  const writer = `${thread}${batch}`;
  return join(dirname(file), `.${basename(file)}.${process.pid}${writer && `-${writer}`}.tmp`);
}

/** Removes a temporary file. Ignores errors: the caller reports the failed write itself. */
export function dropTemporary(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {}
}

/**
 * Writes and syncs a file that has no readers yet, and creates its directory when that is missing.
 *
 * @throws RiposteError (IOERR, NOPERM)
 */
export function writeNewFile(
  file: string,
  text: string,
  modes: { mode: number; directoryMode: number },
): void {
  writeWhole(file, 'wx', text, modes.mode, true, modes.directoryMode);
}

/**
 * Creates a directory of this mode. Missing parents become accessible to every account (0755).
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

/** Does not use `recursive`: on a read-only file system Node would then report a missing directory. */
function makeAll(directory: string, mode: number): void {
  const isThere = () => statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true;
  if (isThere()) return;
  makeAll(dirname(directory), 0o755);
  try {
    mkdirSync(directory, mode);
  } catch (error) {
    if (!isThere()) throw error; // another process was faster
  }
}

/** True for the error of a missing file or directory. */
export function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** The status of a file, or of a link itself instead of its target; undefined if the path does not exist. */
export function lstatIfThere(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Turns a system error into an error that names the file and the likely cause. */
export function fileError(verb: string, file: string, error: unknown): RiposteError {
  if (error instanceof RiposteError) return error;
  const { code = 'error', message } = error as NodeJS.ErrnoException;
  const denied = code === 'EACCES' || code === 'EPERM';
  const why = WHY[code] ?? message;
  return new RiposteError(denied ? EX.NOPERM : EX.IOERR, `cannot ${verb} ${file}: ${why}`, { cause: error });
}

const WHY: Record<string, string> = {
  EACCES: 'permission denied (run as root?)',
  EPERM: 'operation not permitted (run as root? chattr -i?)',
  ENOSPC: 'no space left on the device',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only (in a systemd unit: is it in ReadWritePaths=?)',
  EFBIG: 'it is too large',
  EISDIR: 'it is a directory',
  EEXIST: 'something else is in the way; move it away',
  ELOOP: 'a link is in the way; move it away',
  EMLINK: 'it has several hard links; move it away',
  ENXIO: 'it is a pipe, not a regular file; move it away',
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
      const { size } = fstatSync(fd);
      const written = writeSync(fd, bytes);
      if (written !== bytes.length) {
        // The disk became full after the first part. Remove that part, so that the next line does not merge with it.
        if (fstatSync(fd).size === size + written) ftruncateSync(fd, size);
        throw systemError('ENOSPC');
      }
      if (sync) fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw fileError('write', file, error);
  }
}

/** True for the error of a write that may succeed later: the disk is full, read-only or broken. */
export function isDiskFault(error: unknown): boolean {
  const cause = error instanceof RiposteError ? error.cause : error;
  return /^(ENOSPC|EDQUOT|EROFS|EIO)$/.test((cause as NodeJS.ErrnoException | undefined)?.code ?? '');
}

/** A system error with this code, such as ENOSPC, for fileError(). */
export const systemError = (code: string): Error => Object.assign(new Error(code), { code });

/** Opens a file; creates its directory when that is missing. @throws a system error */
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
    // EEXIST: a killed process's temporary file, or a link that an attacker has planted: never write through it.
    if (code === 'EEXIST') rmSync(file, { force: true });
    else if (code === 'ENOENT') makeAll(dirname(file), directoryMode);
    else throw error;
    return openSync(file, flags, mode);
  }
}
