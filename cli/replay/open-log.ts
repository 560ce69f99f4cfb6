import { createReadStream, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { EX, RiposteError } from '../../active-response/errors.ts';

/** A log to read. */
export interface OpenLog {
  name: string;
  stream: AsyncIterable<Buffer>;
  /** Bytes on disk, compressed or not; undefined for a pipe. */
  size: number | undefined;
  /** Bytes read from disk so far. */
  read(): number;
}

const CHUNK = 1 << 18;

/** Opens a log; `-` is standard input, and a name that ends in .gz is decompressed. */
export function openLog(path: string, stdin: AsyncIterable<Buffer>): OpenLog {
  if (path === '-') return { name: 'stdin', stream: stdin, size: undefined, read: () => 0 };
  const file = createReadStream(path, { highWaterMark: CHUNK });
  const source = path.endsWith('.gz') ? file.compose<Readable>(createGunzip({ chunkSize: CHUNK })) : file;
  return { name: path, stream: named(source, path), size: sizeOf(path), read: () => file.bytesRead };
}

function sizeOf(path: string): number | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isFile() ? stat.size : undefined;
}

/** @throws RiposteError (IOERR) naming the log, for a file that cannot be read or is not what .gz says */
async function* named(source: AsyncIterable<Buffer>, path: string): AsyncGenerator<Buffer> {
  try {
    yield* source;
  } catch (cause) {
    throw new RiposteError(EX.IOERR, `${path}: ${cause instanceof Error ? cause.message : cause}`);
  }
}
