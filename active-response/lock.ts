import { closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { EX, RiposteError } from './errors.ts';
import { fileError, isMissing, readIfThere } from './files.ts';

/** How often a waiting process looks again, in milliseconds. */
const PAUSE = 20;
/** After how many milliseconds the file that guards a taking-over is nobody's any more. */
const TAKE_OVER_TIME = 10_000;

/**
 * Runs `work` while no other process does under the same lock file. A lock of a process that is gone is taken
 * over.
 *
 * @param seconds how long to wait at the most
 * @param needless asked while waiting: true when another process has done the work meanwhile
 * @throws RiposteError (TEMPFAIL) when the lock stays another's
 */
export function withLock(file: string, seconds: number, needless: () => boolean, work: () => void): void {
  const deadline = Date.now() + seconds * 1000;
  while (!take(file)) {
    if (needless()) return;
    if (Date.now() > deadline) {
      const holder = readIfThere(file)?.trim().split(' ')[0];
      throw new RiposteError(
        EX.TEMPFAIL,
        `${file} is held by process ${holder} for longer than ${seconds} s`,
      );
    }
    takeOver(file);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
  }
  try {
    work();
  } finally {
    rmSync(file, { force: true });
  }
}

/**
 * Takes a lock without waiting.
 *
 * @returns what lets go of it; undefined while another process holds it
 */
export function tryLock(file: string): (() => void) | undefined {
  if (!take(file)) {
    takeOver(file);
    if (!take(file)) return undefined;
  }
  return () => rmSync(file, { force: true });
}

/** The process that holds a lock, or undefined when none does. */
export function holderOf(file: string): number | undefined {
  const pid = Number(readIfThere(file)?.split(' ')[0]);
  return pid > 0 && !isDead(file) ? pid : undefined;
}

/** Makes the lock file, with our process id in it. False when there is one. Nothing is left where that fails. */
function take(file: string): boolean {
  let fd: number | undefined;
  try {
    fd = openSync(file, 'wx', 0o600);
    writeSync(fd, `${process.pid} ${startOf(process.pid)}\n`);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    // Empty, as a full disk leaves it, it would be taken for that of another process for a while.
    if (fd !== undefined) rmSync(file, { force: true });
    throw fileError('create', file, error);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/**
 * Removes the lock of a dead process. Under a lock of its own, and looking again there: of two processes that
 * see the same dead one, the slower would else remove the lock that the faster has just taken.
 */
function takeOver(file: string): void {
  if (!isDead(file)) return;
  const guard = `${file}.take-over`;
  if (isOld(guard)) rmSync(guard, { force: true });
  if (!take(guard)) return;
  try {
    if (isDead(file)) rmSync(file, { force: true });
  } finally {
    rmSync(guard, { force: true });
  }
}

function isDead(file: string): boolean {
  const [first, start] = (readIfThere(file) ?? '').trim().split(' ');
  const pid = Number(first || Number.NaN);
  if (!Number.isInteger(pid)) return isOld(file); // made, but not yet written to
  try {
    process.kill(pid, 0);
    // After a crash of the machine the same number may be another program's, that will never let go.
    return start !== undefined && start !== startOf(pid);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** When a process started, in the kernel's ticks since boot; `-` where there is no /proc. */
function startOf(pid: number): string {
  try {
    // The command name stands in parentheses and may itself hold spaces and parentheses; field 22 follows.
    return readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\)/s, '').split(' ')[20] ?? '-';
  } catch {
    return '-';
  }
}

function isOld(file: string): boolean {
  try {
    return Date.now() - statSync(file).mtimeMs > TAKE_OVER_TIME;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
