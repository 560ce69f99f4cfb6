import { readdirSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/** The highest priority short of real time. */
const HIGHEST = -20;

/**
 * Lets the daemon run before the clients that wait for it: a storm of 300 adds takes half the time. Programs and threads
 * that are started afterwards inherit the priority.
 *
 * @param scope on Linux each thread has its own priority; `this process` includes the garbage collector's threads
 */
export function raisePriority(scope: 'this thread' | 'this process'): void {
  const threads = scope === 'this thread' ? [0] : readdirSync('/proc/self/task').map(Number);
  for (const thread of threads) attempt(thread, HIGHEST);
}

/** Runs work at normal priority, because a program that the work starts, such as a web server, may keep running. */
export function withNormalPriority<T>(work: () => T): T {
  const own = getPriority(0);
  if (own >= 0) return work();
  attempt(0, 0);
  try {
    return work();
  } finally {
    attempt(0, own);
  }
}

function attempt(thread: number, priority: number): void {
  try {
    setPriority(thread, priority);
  } catch {
    // Some hosts forbid it. The work is only slower then.
  }
}
