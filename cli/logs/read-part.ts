import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { EX, RiposteError } from '../../active-response/errors.ts';
import type { Part } from './unread.ts';

const CHUNK = 256 * 1024;

/** The bytes of a part. @throws RiposteError (IOERR) naming the file */
export async function* readPart({ file, from, to = Number.POSITIVE_INFINITY }: Part): AsyncGenerator<Buffer> {
  try {
    if (to <= from) return;
    const isPacked = file.endsWith('.gz');
    // createReadStream counts its end in.
    const range = isPacked ? {} : { start: from, end: to - 1 };
    const stream = createReadStream(file, { highWaterMark: CHUNK, ...range });
    if (!isPacked) yield* stream;
    else yield* slice(stream.compose<Readable>(createGunzip({ chunkSize: CHUNK })), from, to);
  } catch (cause) {
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
