import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { noFile, READ } from './no-file.ts';
import { MAGIC_LENGTH, type Packing, packingOf, unpackBegin } from './packing.ts';
import { HEAD_LENGTH, type Head, headOf } from './position.ts';

/** The beginning of a file's content, decompressed. @throws RiposteError (UNAVAILABLE) if the program for it is missing */
export const anyHead = (file: string, length: number): Head => headOf(anyBegin(file, length).bytes);

/** Like `anyHead`, but returns the bytes, and the file's compression. */
export function anyBegin(file: string, length: number): { bytes: Buffer; packing: Packing | undefined } {
  return withOpen(file, (fd) => {
    const begin = bytesAt(fd, 0, Math.max(length, MAGIC_LENGTH));
    const packing = packingOf(begin);
    if (packing === undefined) return { bytes: begin.subarray(0, length), packing };
    const packed = packing === 'gzip' ? bytesAt(fd, 0, PIECE) : begin;
    return { bytes: unpackBegin(packing, fd, packed, length), packing };
  });
}

/** The beginning of a file, without decompressing it. */
export const plainHead = (file: string, length = HEAD_LENGTH): Head => headOf(plainBegin(file, length));

/** Like `plainHead`, but returns the bytes. */
export const plainBegin = (file: string, length: number): Buffer => readAt(file, 0, length);

/** The file's compression; undefined if it is not compressed. */
export const packingOfFile = (file: string): Packing | undefined => packingOf(readAt(file, 0, MAGIC_LENGTH));

/** The offset after the last newline of a log; undefined if there is no log. */
export function endOf(log: string): number | undefined {
  const stats = statSync(log, { throwIfNoEntry: false });
  if (stats && !stats.isFile()) throw noFile(log);
  return stats && endOfLines(log, stats.size);
}

/** The offset after the last newline. */
export function endOfLines(file: string, size: number): number {
  for (let end = size; end > 0; end -= PIECE) {
    const start = Math.max(0, end - PIECE);
    const at = readAt(file, start, end - start).lastIndexOf(0x0a);
    if (at !== -1) return start + at + 1;
  }
  return 0;
}

const PIECE = 64 * 1024;

const readAt = (file: string, at: number, length: number): Buffer =>
  withOpen(file, (fd) => bytesAt(fd, at, length));

function bytesAt(fd: number, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(fd, bytes, 0, length, at));
}

function withOpen<T>(file: string, work: (fd: number) => T): T {
  const fd = openSync(file, READ);
  try {
    if (!fstatSync(fd).isFile()) throw noFile(file);
    return work(fd);
  } finally {
    closeSync(fd);
  }
}
