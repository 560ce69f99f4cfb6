import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EX, RiposteError } from '../../active-response/errors.ts';
import { holderOf, tryLock } from '../../active-response/lock.ts';

/** Ctrl-C, a service manager's stop, a connection that is gone. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Installs or takes out while nobody else does on that host: of two at once the one would take the files that the
 * other is about to put in place for those of a killed run. A signal does not stop it half-way: it comes to its end,
 * or takes back what it has done where Ctrl-C has ended the manager's check, too.
 *
 * @throws RiposteError (TEMPFAIL) while another is at it
 */
export function alone<T>(root: string, work: () => T): T {
  // Root's own, and gone with the next boot. Below another root there may be none, and nobody else either.
  const directory = ['run', 'var/run'].map((name) => join(root, name)).find((path) => existsSync(path));
  if (directory === undefined) return undisturbed(work);
  const file = join(directory, 'riposte-install.lock');
  const release = tryLock(file);
  if (release === undefined)
    throw new RiposteError(
      EX.TEMPFAIL,
      `another riposte install or uninstall (process ${holderOf(file) ?? 'unknown'}) is at work: wait for its end; nothing was changed`,
    );
  try {
    return undisturbed(work);
  } finally {
    release();
  }
}

/** While a handler is there, Node keeps a signal until the work, which never waits, is done. */
function undisturbed<T>(work: () => T): T {
  const later = () => {};
  for (const signal of SIGNALS) process.on(signal, later);
  try {
    return work();
  } finally {
    for (const signal of SIGNALS) process.off(signal, later);
  }
}
