import { type FileHandle, open } from 'node:fs/promises';
import { EX, RiposteError } from '../../base/errors.ts';
import { noFile, READ } from './no-file.ts';
import { MAGIC_LENGTH, packingOf, unpacked } from './packing.ts';
import type { Part } from './resume-point.ts';

const CHUNK = 256 * 1024;

/**
 * Reads the bytes of a part.
 *
 * @throws RiposteError (IOERR) naming the file, (UNAVAILABLE) if the program that would decompress it is missing
 */
export async function* readPart({ file, from, to, isRotated }: Part): AsyncGenerator<Buffer> {
  const end = to ?? Number.POSITIVE_INFINITY;
  if (end <= from) return;
  try {
    yield* readRange(await open(file, READ), file, from, end, isRotated);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    if (!(cause instanceof RiposteError)) throw new RiposteError(EX.IOERR, `${file}: ${why}`);
    throw cause.exitCode === EX.UNAVAILABLE ? new RiposteError(EX.UNAVAILABLE, `${file}: ${why}`) : cause;
  }
}

async function* readRange(
  handle: FileHandle,
  file: string,
  from: number,
  to: number,
  mayBePacked: boolean,
): AsyncGenerator<Buffer> {
  try {
    if (!(await handle.stat()).isFile()) throw noFile(file);
    const options = { highWaterMark: CHUNK, autoClose: false };
    if (mayBePacked && packingOf(await beginOf(handle)) !== undefined) {
      yield* slice(unpacked(handle.createReadStream({ ...options, start: 0 }), CHUNK), from, to);
    } else {
      // createReadStream also reads the byte at `end`.
      yield* handle.createReadStream({ ...options, start: from, end: to - 1 });
    }
  } finally {
    await handle.close();
  }
}

async function beginOf(handle: FileHandle): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAGIC_LENGTH), 0, MAGIC_LENGTH, 0);
  return buffer.subarray(0, bytesRead);
}

async function* slice(stream: AsyncIterable<Buffer>, from: number, to: number): AsyncGenerator<Buffer> {
  let at = 0;
  for await (const chunk of stream) {
    const wanted = chunk.subarray(Math.max(0, from - at), Math.max(0, to - at));
    if (wanted.length > 0) yield wanted;
    at += chunk.length;
    if (at >= to) return;
  }
}
