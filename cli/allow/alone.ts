import { dirname, join } from 'node:path';
import { makeDirectory } from '../../active-response/files.ts';
import type { Home } from '../../active-response/home.ts';
import { withLock } from '../../active-response/lock.ts';

/** How long to wait for another who changes the list, in seconds. */
const PATIENCE = 60;

/**
 * Changes the allow list while nobody else does: of two at once each would leave out what the other has added.
 *
 * @throws RiposteError (TEMPFAIL) when another does not come to an end
 */
export function alone({ journal }: Home, work: () => void): void {
  // Not beside the list: on Wazuh the manager's own account may write to etc.
  const directory = dirname(journal);
  makeDirectory(directory, 0o755);
  withLock(join(directory, '.allow.lock'), PATIENCE, () => false, work);
}
