import { closeSync, openSync, readSync, statSync } from 'node:fs';

/** The last whole lines of a file, out of its last 16 KB. @throws Error of the system when it cannot be read */
export function lastLines(file: string, most: number): string[] {
  const { size } = statSync(file);
  const start = Math.max(0, size - 16_384);
  const descriptor = openSync(file, 'r');
  try {
    const buffer = Buffer.alloc(size - start);
    const read = readSync(descriptor, buffer, 0, buffer.length, start);
    const lines = buffer.toString('utf8', 0, read).split('\n');
    // The first is the rest of one that began before.
    return lines
      .slice(start > 0 ? 1 : 0)
      .filter((line) => line !== '')
      .slice(-most);
  } finally {
    closeSync(descriptor);
  }
}
