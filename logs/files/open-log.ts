import { createReadStream, statSync } from 'node:fs';
import { EX, RiposteError } from '../../base/errors.ts';
import { JournalReading } from '../journal/read-journal.ts';
import { withoutEmpty } from './lines.ts';
import { unpacked } from './packing.ts';

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

/** Opens a log; `-` is standard input. Decompresses gzip, xz, bzip2 and zstd. */
export function openLog(path: string, stdin: AsyncIterable<Buffer>): OpenLog {
  if (path === '-')
    return { name: 'stdin', stream: decompressed(stdin, 'stdin'), size: undefined, read: () => 0 };
  const file = createReadStream(path, { highWaterMark: CHUNK });
  return { name: path, stream: decompressed(file, path), size: sizeOf(path), read: () => file.bytesRead };
}

/** Reads all of a unit's journal. */
export function openJournal(unit: string): OpenLog {
  return { name: `journal:${unit}`, stream: journalBytes(unit), size: undefined, read: () => 0 };
}

async function* journalBytes(unit: string): AsyncGenerator<Buffer> {
  for await (const { lines } of new JournalReading(unit, undefined).read())
    yield Buffer.from(lines.map(({ text }) => `${text}\n`).join(''), 'latin1');
}

/** The first lines of a log, from its first piece, to recognize its format. */
export async function firstLinesOf({ stream }: OpenLog): Promise<string[]> {
  for await (const chunk of stream) {
    const lines = chunk.toString('latin1', 0, HEAD).split('\n');
    return withoutEmpty(chunk.length < HEAD ? lines : lines.slice(0, -1));
  }
  return [];
}

const HEAD = 64 * 1024;

function sizeOf(path: string): number | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isFile() ? stat.size : undefined;
}

function messageOf(cause: unknown, name: string): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return `it is a directory; name the logs in it (${name}/*.log)`;
  return cause instanceof Error ? cause.message : String(cause);
}

/**
 * @throws RiposteError naming the log: (IOERR) for a file that cannot be read or that is damaged, (UNAVAILABLE) if the
 * program that would decompress it is missing
 */
async function* decompressed(source: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  try {
    yield* unpacked(source, CHUNK);
  } catch (cause) {
    const exitCode = cause instanceof RiposteError ? cause.exitCode : EX.IOERR;
    throw new RiposteError(exitCode, `${name}: ${messageOf(cause, name)}`);
  }
}
