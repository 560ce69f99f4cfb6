import { futimesSync } from 'node:fs';

/**
 * Gives the file a time of change that it never had, once its bytes are in place. Apache keeps what it looked
 * up until that time is another, and the kernel's own clock for files ticks only every few milliseconds.
 */
export function markChanged(fd: number): void {
  // Milliseconds of the clock, and below them a part that differs from one process and moment to the next.
  const now = Date.now() / 1000 + (process.hrtime()[1] % 1e6) / 1e9;
  futimesSync(fd, now, now);
}
