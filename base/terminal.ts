import { fstatSync, statSync } from 'node:fs';
import { isatty } from 'node:tty';

/**
 * True if a file descriptor of this process is open on a terminal. Looks at the kind of file first: node:tty loads
 * Node's streams and sockets, which costs more than the rest of an add that runs no program. Managers start scripts
 * with pipes or /dev/null.
 */
export function isTerminal(fd: number): boolean {
  const { rdev, isDevice } = kindOf(fd);
  return isDevice && rdev !== statSync('/dev/null', { throwIfNoEntry: false })?.rdev && isatty(fd);
}

function kindOf(fd: number): { rdev?: number; isDevice: boolean } {
  try {
    const stats = fstatSync(fd);
    return { rdev: stats.rdev, isDevice: stats.isCharacterDevice() };
  } catch {
    return { isDevice: false }; // closed
  }
}
