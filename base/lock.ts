import { existsSync, linkSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { EX, RiposteError } from './errors.ts';
import { dropTemporary, fileError, isMissing, readIfThere } from './files.ts';

/** The time between two checks of the lock by a waiting process, in milliseconds. */
const PAUSE = 20;
/** After this time, in milliseconds, a take-over guard counts as abandoned. */
const TAKE_OVER_TIME = 10_000;

/**
 * Runs `work` under a lock file, so that no other process runs it at the same time. Takes over the lock of a dead
 * process.
 *
 * @param seconds the longest time to wait
 * @param needless called while waiting: true when another process has done the work meanwhile
 * @throws RiposteError (TEMPFAIL) when another process keeps the lock
 */
export function withLock(file: string, seconds: number, needless: () => boolean, work: () => void): void {
  const deadline = Date.now() + seconds * 1000;
  while (!take(file)) {
    if (needless()) return;
    if (Date.now() > deadline) {
      const holder = readIfThere(file)?.trim().split(' ')[0];
      throw new RiposteError(
        EX.TEMPFAIL,
        `${file} has been held by process ${holder} for more than ${seconds} s`,
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
 * @returns a function that releases it; undefined when another process holds it
 */
export function tryLock(file: string): (() => void) | undefined {
  if (!take(file)) {
    takeOver(file);
    if (!take(file)) return undefined;
  }
  return () => rmSync(file, { force: true });
}

/** The process that holds a lock, or undefined when the lock is free. */
export function holderOf(file: string): number | undefined {
  const pid = Number(readIfThere(file)?.split(' ')[0]);
  return pid > 0 && !isDead(file) ? pid : undefined;
}

/**
 * Creates the lock file with our process id. Returns false when it exists. The file appears with its text at once: a
 * process that is killed between creating and writing it would leave a lock that counts as held for a while.
 */
function take(file: string): boolean {
  if (existsSync(file)) return false;
  // No other thread of this process may use the same name.
  const name = `.${basename(file)}.${process.hrtime.bigint()}.${process.pid}.tmp`;
  const complete = join(dirname(file), name);
  try {
    writeFileSync(complete, `${process.pid} ${startOf(process.pid)}\n`, { flag: 'wx', mode: 0o600 });
    linkSync(complete, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw fileError('create', file, error);
  } finally {
    dropTemporary(complete);
  }
}

/**
 * Removes the lock of a dead process, under a lock of its own and after a second look. Otherwise two processes could
 * see the same dead holder, and the slower one would remove the lock that the faster one has just taken.
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
  if (!Number.isInteger(pid)) return isOld(file); // earlier versions create the file before they write it
  try {
    process.kill(pid, 0);
    // After a reboot another program may have the same process id, and would never release the lock.
    return start !== undefined && start !== startOf(pid);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/**
 * The start time of a process, in the kernel's ticks since boot; empty for a zombie, which has ended and for which its
 * parent does not wait; `-` where there is no /proc.
 */
function startOf(pid: number): string {
  try {
    // Field 2, in parentheses, may itself contain spaces and parentheses; the state is field 3, the start time field 22.
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\)/s, '').split(' ');
    return fields[1] === 'Z' ? '' : (fields[20] ?? '-');
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
