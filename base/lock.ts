import { existsSync, linkSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { EX, RiposteError } from './errors.ts';
import { dropTemporary, fileError, isDiskFault, isMissing, makeDirectory, readIfThere } from './files.ts';

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
 * Takes a lock without waiting. On a full or read-only disk the lock is a file in memory instead: a program that blocks
 * attackers must be able to start.
 *
 * @returns a function that releases it; undefined when another process holds it
 * @throws RiposteError (IOERR, NOPERM) when neither file can be made
 */
export function tryLock(file: string): (() => void) | undefined {
  const taken = takeSomewhere(file);
  if (taken === undefined) return undefined;
  const release = () => {
    try {
      rmSync(taken, { force: true });
    } catch (error) {
      // If the disk has become read-only, the file stays. The lock counts as free when this process has ended.
      if (!isDiskFault(error)) throw error;
    }
  };
  // One process may take the lock on the disk, and another process in memory. Each checks the other place after it has
  // made its own file, so at least one of them sees the other's file.
  if (holderIn(taken === file ? inMemory(file) : file) === undefined) return release;
  release();
  return undefined;
}

/** @returns the file that was made; undefined when another process holds it */
function takeSomewhere(file: string): string | undefined {
  try {
    return takeAlsoOfDead(file) ? file : undefined;
  } catch (error) {
    if (!isDiskFault(error)) throw error;
    const other = inMemory(file);
    try {
      makeDirectory(dirname(other), 0o700);
      return takeAlsoOfDead(other) ? other : undefined;
    } catch {
      throw error;
    }
  }
}

function takeAlsoOfDead(file: string): boolean {
  if (take(file)) return true;
  takeOver(file);
  return take(file);
}

/**
 * The file in memory that replaces a lock file when the disk accepts no new file. Only root can write to its directory.
 */
const inMemory = (file: string): string =>
  join('/run/riposte-locks', encodeURIComponent(resolve(file)).slice(-200));

/** The process that holds a lock, or undefined when the lock is free. */
export const holderOf = (file: string): number | undefined => holderIn(file) ?? holderIn(inMemory(file));

function holderIn(file: string): number | undefined {
  // Other accounts may not look into root’s directory, so the lock counts as free for them.
  if (!existsSync(file)) return undefined;
  const pid = Number(readIfThere(file)?.split(' ')[0]);
  return pid > 0 && !isDead(file) ? pid : undefined;
}

/**
 * Creates the lock file with our process id. Returns false when it exists. The file appears together with its text.
 * Otherwise a process that is killed between creating and writing it would leave a lock that counts as held for a
 * while.
 */
function take(file: string): boolean {
  if (existsSync(file)) return false;
  // The time makes the name unique among the threads of this process.
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
 * Removes the lock of a dead process. First takes a second lock, the take-over guard, and checks again that the process
 * is dead. Otherwise two processes could see the same dead holder, and the slower process would remove the lock that
 * the faster process has just taken.
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
 * The start time of a process, in the kernel's ticks since boot; empty for a zombie, a process that has ended but whose
 * parent has not waited for it; `-` where there is no /proc.
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
