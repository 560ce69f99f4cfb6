import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { withSingletonLock } from '../base/singleton-lock.ts';

/** Ctrl-C, a service manager's stop, a lost connection. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs one installation or removal at a time on a host: otherwise one run would mistake the other run's temporary files
 * for files of a killed run, and remove them. A signal does not stop a run half-way: the run finishes, or reverts its
 * changes when Ctrl-C has also ended the manager's check.
 *
 * @throws RiposteError (TEMPFAIL) while another run is active
 */
export function withInstallLock<T>(root: string, work: () => T): T {
  // Only root can write to the directory, which is empty after a boot. If the directory is missing below another root,
  // no other run uses that root.
  const directory = ['run', 'var/run'].map((name) => join(root, name)).find((path) => existsSync(path));
  if (directory === undefined) return deferringSignals(work);
  const file = join(directory, 'riposte-install.lock');
  const message = (holder: number | 'unknown') =>
    `another riposte install or uninstall (process ${holder}) is running: wait for its end; nothing was changed`;
  return withSingletonLock({ file, message }, () => deferringSignals(work));
}

/** Defers signals: while a handler is set, Node keeps them until the synchronous work is done. */
function deferringSignals<T>(work: () => T): T {
  const ignore = () => {};
  for (const signal of SIGNALS) process.on(signal, ignore);
  try {
    return work();
  } finally {
    for (const signal of SIGNALS) process.off(signal, ignore);
  }
}
