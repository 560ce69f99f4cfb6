import { closeSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';

/** Closes what a thread that has died has left open in a directory: the process goes on, and who waits there would, too. */
export function closeLeftIn(directory: string): void {
  const place = `${realpathSync(directory)}/`;
  for (const fd of readdirSync('/proc/self/fd')) {
    try {
      if (readlinkSync(`/proc/self/fd/${fd}`).startsWith(place)) closeSync(Number(fd));
    } catch {
      // That was the directory of them itself.
    }
  }
}
