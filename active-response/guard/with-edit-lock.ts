import { dirname, join } from 'node:path';
import { withSingletonLock } from '../../base/singleton-lock.ts';
import type { Home } from '../home.ts';

/** The time to wait for another process's change, in seconds. */
const PATIENCE = 60;

/**
 * Changes one of the files that people edit, under a lock: without it, one of two simultaneous changes would be lost.
 *
 * @param name the lock's file name
 * @throws RiposteError (TEMPFAIL) when another process holds the lock for too long
 */
export function withEditLock<T>({ journal }: Home, name: '.allow.lock' | '.except.lock', work: () => T): T {
  // The lock is not next to the edited file, because on Wazuh the manager's own account may write to etc.
  const file = join(dirname(journal), name);
  const message = (holder: number | 'unknown') =>
    `${file} has been held by process ${holder} for more than ${PATIENCE} s; try again, or end that process`;
  return withSingletonLock({ file, patience: PATIENCE, message }, work);
}

/** Changes the allow list under its lock. @throws as withEditLock does */
export const withAllowListLock = (home: Home, work: () => void): void =>
  withEditLock(home, '.allow.lock', work);
