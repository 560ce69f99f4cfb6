import { readFileSync } from 'node:fs';

/** Ends the `sleep` of a script, after a look that it still is that: a child of the script's. */
export function wake(timer: number, script: number): void {
  try {
    const stat = readFileSync(`/proc/${timer}/stat`, 'utf8');
    const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(parent) === script) process.kill(timer, 'SIGTERM');
  } catch {
    // It has ended by itself: the script looks anyway.
  }
}
