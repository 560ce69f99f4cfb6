import { spawn } from 'node:child_process';
import { closeSync, openSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Home } from '../home.ts';
import { holderOf } from '../lock.ts';
import { spoolOf } from './spool.ts';
import { readState } from './state.ts';

/** While a server does not answer, it is not asked for each alert anew; in milliseconds. */
const PAUSE = 60_000;

/** How long one may take to start before another is started, in milliseconds. */
const START = 20_000;

/** Who holds this lock sends. */
export const lockOf = (home: Home): string => join(spoolOf(home), 'lock');

/**
 * Has a process of its own send what waits, unless one does so already. Nobody waits for it: a server may take ten
 * minutes to answer, and execd waits for its responses. Where it cannot be started the next sweep sends.
 *
 * @param command the words behind Node's own name
 */
export function startSender(home: Home, command: readonly string[], env: NodeJS.ProcessEnv): void {
  if (holderOf(lockOf(home)) !== undefined || isPausing(home) || !announce(home)) return;
  const child = spawn(process.execPath, command, { detached: true, stdio: 'ignore', cwd: '/', env });
  child.on('error', () => {});
  child.unref();
}

/** One that was started and has not yet looked; what is in the spool by now it will see. */
const announcementOf = (home: Home): string => join(spoolOf(home), 'starting');

/** False while one is on its way: execd starts a thousand of us at once. */
function announce(home: Home, now = Date.now()): boolean {
  const file = announcementOf(home);
  const since = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  if (since !== undefined && now - since < START && now >= since) return false;
  try {
    rmSync(file, { force: true });
    closeSync(openSync(file, 'wx', 0o600));
    return true;
  } catch {
    return false; // another was faster
  }
}

/** To be called before the spool is looked at. */
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
