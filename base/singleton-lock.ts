import { dirname } from 'node:path';
import { EX, RiposteError } from './errors.ts';
import { makeDirectory } from './files.ts';
import { holderOf, tryLock } from './lock.ts';

/** The time between two tries of a waiting process, in milliseconds. */
const PAUSE = 20;

/** A lock for one process of this host at a time. The lock's file contains the id of that process. */
export interface SingletonLock {
  /** The lock's file; its directory is made if it is missing. */
  readonly file: string;
  /** The seconds to wait while another process holds it; 0 when absent. */
  readonly patience?: number;
  /** The error's message when another process keeps the lock. @param holder that process, as far as it is known */
  message(holder: number | 'unknown'): string;
}

/**
 * Runs work, which may be a promise, while this process holds the lock.
 *
 * @throws RiposteError as takeSingletonLock() does, and the errors of the work
 */
export function withSingletonLock<T>(lock: SingletonLock, work: () => T): T {
  const release = takeSingletonLock(lock);
  let isPending = false;
  try {
    const result = work();
    if (!(result instanceof Promise)) return result;
    isPending = true;
    return result.finally(release) as T;
  } finally {
    if (!isPending) release();
  }
}

/**
 * Takes a lock for as long as the caller wants. Waiting blocks the thread.
 *
 * @returns a function that releases the lock
 * @throws RiposteError (TEMPFAIL) when another process keeps it, (IOERR, NOPERM) when the file cannot be made
 */
export function takeSingletonLock({ file, patience = 0, message }: SingletonLock): () => void {
  makeDirectory(dirname(file), 0o755);
  const deadline = performance.now() + patience * 1000;
  for (;;) {
    const release = tryLock(file);
    if (release) return release;
    if (performance.now() >= deadline)
      throw new RiposteError(EX.TEMPFAIL, message(holderOf(file) ?? 'unknown'));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
  }
}
