import { closeSync, readdirSync, readlinkSync } from 'node:fs';

/**
 * Closes what a thread that has died has left open in a directory: the process goes on, and who waits there would, too.
 *
 * @param directory its real path; it may have been removed since
 */
export function closeLeftIn(directory: string): void {
  for (const fd of readdirSync('/proc/self/fd')) {
    try {
      if (readlinkSync(`/proc/self/fd/${fd}`).startsWith(`${directory}/`)) closeSync(Number(fd));
    } catch {
      // That was the directory of them itself.
    }
  }
}
