import { join } from 'node:path';
import type { Home } from '../../active-response/home.ts';
import { hasBegun, startOnce } from '../../base/start-once.ts';
import { spoolOf } from './spool.ts';
import { readState } from './state.ts';

/** After the last try of every channel has failed, new alerts start no sender for this time, in milliseconds. */
const PAUSE = 60_000;

/** The lock that a sending process holds. */
export const lockOf = (home: Home): string => join(spoolOf(home), 'lock');

/**
 * Starts a process that sends the queued messages, unless one runs already. The caller does not wait: a server may take
 * ten minutes, and execd waits for its responses. If the process cannot be started, the next sweep sends the messages.
 *
 * @param command the arguments to Node
 */
export function startSender(home: Home, command: readonly string[], env: NodeJS.ProcessEnv): void {
  if (isPausing(home)) return;
  startOnce([process.execPath, ...command], {
    lock: lockOf(home),
    announcement: announcementOf(home),
    env,
  });
}

/**
 * The file that marks a started sender until the sender reads the spool. While the file exists, no other sender is
 * needed: the started sender will find every message that is already queued.
 */
const announcementOf = (home: Home): string => join(spoolOf(home), 'starting');

/** Removes the mark. Call it before reading the spool. */
export const hasStarted = (home: Home): void => hasBegun(announcementOf(home));

function isPausing(home: Home, now = Date.now()): boolean {
  const channels = Object.values(readState(home));
  return (
    channels.length > 0 &&
    channels.every(({ trouble, tried }) => {
      const since = now - Date.parse(tried ?? '');
      return trouble !== undefined && since >= 0 && since < PAUSE;
    })
  );
}
