import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { withoutEmpty } from './lines.ts';
import { noFile, READ } from './no-file.ts';

/** The number of bytes that are read at the end of a log: 200 lines of 2.5 KB. */
const MOST_BYTES = 512 * 1024;

/**
 * The last whole lines of a log (latin1), without empty ones. The text after the last newline is still being written,
 * so it is left out.
 *
 * @throws RiposteError (IOERR) for anything but a regular file; errors of node:fs for an unreadable file
 */
export function lastLinesOf(file: string, most: number): string[] {
  const fd = openSync(file, READ);
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) throw noFile(file);
    const start = Math.max(0, stats.size - MOST_BYTES);
    const bytes = Buffer.alloc(Math.min(stats.size, MOST_BYTES));
    const text = bytes.toString('latin1', 0, readSync(fd, bytes, 0, bytes.length, start));
    return withoutEmpty(text.split('\n').slice(start > 0 ? 1 : 0, -1)).slice(-most);
  } finally {
    closeSync(fd);
  }
}
