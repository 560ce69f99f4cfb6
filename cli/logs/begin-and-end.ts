import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { constants, gunzipSync } from 'node:zlib';
import { noFile, READ } from './no-file.ts';
import { HEAD_LENGTH, type Head, headOf } from './position.ts';

/** How a file begins; of a .gz, what is in it. */
export const anyHead = (file: string, length: number): Head => headOf(anyBytes(file, length));

/** The same as bytes. */
export const anyBytes = (file: string, length: number): Buffer =>
  file.endsWith('.gz') ? gunzipped(file).subarray(0, length) : readAt(file, 0, length);

/** How a file begins that is not packed. */
export const plainHead = (file: string, length = HEAD_LENGTH): Head => headOf(readAt(file, 0, length));

function gunzipped(file: string): Buffer {
  try {
    return gunzipSync(readAt(file, 0, 64 * 1024), { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return Buffer.alloc(0); // no gzip, whatever its name says
  }
}

/** Behind the last newline of a log; undefined when there is none. */
export function endOf(log: string): number | undefined {
  const stats = statSync(log, { throwIfNoEntry: false });
  if (stats && !stats.isFile()) throw noFile(log);
  return stats && endOfLines(log, stats.size);
}

/** Behind the last newline. */
export function endOfLines(file: string, size: number): number {
  for (let end = size; end > 0; end -= PIECE) {
    const start = Math.max(0, end - PIECE);
    const at = readAt(file, start, end - start).lastIndexOf(0x0a);
    if (at !== -1) return start + at + 1;
  }
  return 0;
}

const PIECE = 64 * 1024;

function readAt(file: string, at: number, length: number): Buffer {
  const fd = openSync(file, READ);
  try {
    if (!fstatSync(fd).isFile()) throw noFile(file);
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(fd, bytes, 0, length, at));
  } finally {
    closeSync(fd);
  }
}
