import { readdirSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/** As high as it goes, short of real time. */
const FIRST = -20;

/**
 * Who answers goes before those who wait for it: each of them looks again and again, and the longer all of them wait,
 * the more they are. The programs and threads that are started from here on go first as well.
 *
 * @param who on Linux each thread has a priority of its own; those that collect garbage are there already
 */
export function goFirst(who: 'this thread' | 'this process'): void {
  const threads = who === 'this thread' ? [0] : readdirSync('/proc/self/task').map(Number);
  for (const thread of threads) attempt(thread, FIRST);
}

/** Does work as others would, so that what it starts, which may stay (a web server), has their priority. */
export function asOthers<T>(work: () => T): T {
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
    // Not everywhere is that allowed, and nothing depends on it but how long it takes.
  }
}
