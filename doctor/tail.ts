import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { systemError } from '../base/files.ts';

/** The last whole lines of a file, from its last 16 KB. @throws the system's Error if the file cannot be read */
export function lastLines(file: string, most: number): string[] {
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw systemError('ENXIO');
    const { size } = stats;
    const start = Math.max(0, size - 16_384);
    const buffer = Buffer.alloc(size - start);
    const read = readSync(descriptor, buffer, 0, buffer.length, start);
    const lines = buffer.toString('utf8', 0, read).split('\n');
    // Drops the first piece if it may be the rest of a line that began earlier.
    return lines
      .slice(start > 0 ? 1 : 0)
      .filter((line) => line !== '')
      .slice(-most);
  } finally {
    closeSync(descriptor);
  }
}
