import { spawn } from 'node:child_process';
import { closeSync, openSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Home } from '../../active-response/home.ts';
import { holderOf } from '../../base/lock.ts';
import { spoolOf } from './spool.ts';
import { readState } from './state.ts';

/** How long an unreachable server is not tried again for new alerts, in milliseconds. */
const PAUSE = 60_000;

/** How long a sender may take to start before another is started, in milliseconds. */
const START = 20_000;

/** The lock that a sending process holds. */
export const lockOf = (home: Home): string => join(spoolOf(home), 'lock');

/**
 * Starts a process that sends the queued messages, unless one runs already. The caller does not wait: a server may
 * take ten minutes, and execd waits for its responses. If it cannot be started, the next sweep sends.
 *
 * @param command the arguments to Node
 */
export function startSender(home: Home, command: readonly string[], env: NodeJS.ProcessEnv): void {
  if (holderOf(lockOf(home)) !== undefined || isPausing(home) || !announce(home)) return;
  const child = spawn(process.execPath, command, { detached: true, stdio: 'ignore', cwd: '/', env });
  child.on('error', () => {});
  child.unref();
}

/** Marks a sender that was started and has not read the spool yet; it will see everything queued by now. */
const announcementOf = (home: Home): string => join(spoolOf(home), 'starting');

/** Returns false when a sender is starting already: execd may start a thousand hooks at once. */
function announce(home: Home, now = Date.now()): boolean {
  const file = announcementOf(home);
  const since = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  if (since !== undefined && now - since < START && now >= since) return false;
  try {
    rmSync(file, { force: true });
    closeSync(openSync(file, 'wx', 0o600));
    return true;
  } catch {
    return false; // another process was faster
  }
}

/** Removes the mark. Call it before reading the spool. */
export function hasStarted(home: Home): void {
  rmSync(announcementOf(home), { force: true });
}

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
