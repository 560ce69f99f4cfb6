import { readdirSync } from 'node:fs';
import { setPriority } from 'node:os';

/** As high as it goes, short of real time. */
const FIRST = -20;

/**
 * Who answers goes before those who wait for it: each of them looks again and again, and the longer all of them wait,
 * the more they are. The programs and threads that are started from here on go first as well.
 *
 * @param who on Linux each thread has a priority of its own; those that collect garbage are there already
 */
export function goFirst(who: 'this thread' | 'this process'): void {
  try {
    const threads = who === 'this thread' ? [0] : readdirSync('/proc/self/task').map(Number);
    for (const thread of threads) setPriority(thread, FIRST);
  } catch {
    // Not everywhere is that allowed, and nothing depends on it but how long it takes.
  }
}
