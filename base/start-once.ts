import { spawn } from 'node:child_process';
import { closeSync, openSync, rmSync, statSync } from 'node:fs';
import { holderOf } from './lock.ts';

/** The time that a process may take to start before another is started, in milliseconds. */
const START = 20_000;

/**
 * Starts a process unless one is running or starting, because only one may work at a time. The caller does not wait for
 * it.
 *
 * @param lock the lock that the process holds while it works
 * @param announcement a file that exists from the start of the process until it begins to work. While the file exists,
 * no other process is needed: the starting process will see everything that was written by now
 */
export function startOnce(
  [program, ...args]: readonly [string, ...string[]],
  { lock, announcement, env }: { lock: string; announcement: string; env: NodeJS.ProcessEnv },
): void {
  if (holderOf(lock) !== undefined || !announce(announcement)) return;
  const child = spawn(program, args, { detached: true, stdio: 'ignore', cwd: '/', env });
  child.on('error', () => {});
  child.unref();
}

/** Returns false when a process is starting already: execd may start a thousand scripts at once. */
function announce(file: string, now = Date.now()): boolean {
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

/** Removes the announcement file. The started process calls this before it reads its work. */
export const hasBegun = (announcement: string): void => rmSync(announcement, { force: true });
