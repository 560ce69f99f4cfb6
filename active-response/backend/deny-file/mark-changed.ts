import { futimesSync } from 'node:fs';

/**
 * Gives the file a new modification time after its bytes were written. Apache caches look-ups until the modification
 * time differs, and the kernel's clock for files advances only every few milliseconds.
 */
export function markChanged(fd: number): void {
  // The clock in milliseconds, plus a fraction that differs between processes and moments.
  const now = Date.now() / 1000 + (process.hrtime()[1] % 1e6) / 1e9;
  futimesSync(fd, now, now);
}
