import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { EX, RiposteError } from '../../active-response/errors.ts';
import { noFile, READ } from './no-file.ts';
import type { Part } from './unread.ts';

const CHUNK = 256 * 1024;

/** The bytes of a part. @throws RiposteError (IOERR) naming the file */
export async function* readPart({ file, from, to = Number.POSITIVE_INFINITY }: Part): AsyncGenerator<Buffer> {
  if (to <= from) return;
  try {
    const handle = await open(file, READ);
    if (!(await handle.stat()).isFile()) {
      await handle.close();
      throw noFile(file);
    }
    const isPacked = file.endsWith('.gz');
    // createReadStream counts its end in, and closes the handle.
    const range = isPacked ? {} : { start: from, end: to - 1 };
    const stream = handle.createReadStream({ highWaterMark: CHUNK, ...range });
    if (!isPacked) yield* stream;
    else yield* slice(stream.compose<Readable>(createGunzip({ chunkSize: CHUNK })), from, to);
  } catch (cause) {
    if (cause instanceof RiposteError) throw cause;
    throw new RiposteError(EX.IOERR, `${file}: ${cause instanceof Error ? cause.message : cause}`);
  }
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
