import { closeSync, readdirSync, readlinkSync } from 'node:fs';

/**
 * Closes descriptors leaked by a crashed worker: as long as this process held their FIFOs open, clients would wait for ever.
 *
 * @param directory the real path of the request directory, which may be removed already
 */
export function closeLeakedFds(directory: string): void {
  for (const fd of readdirSync('/proc/self/fd')) {
    try {
      if (readlinkSync(`/proc/self/fd/${fd}`).startsWith(`${directory}/`)) closeSync(Number(fd));
    } catch {
      // readdir has closed its own descriptor of /proc/self/fd.
    }
  }
}
