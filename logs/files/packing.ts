import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip, gunzipSync } from 'node:zlib';
import { failureOf } from '../../base/execute.ts';
import { findProgram } from '../../base/find-program.ts';

/** The compression of a log. */
export type Packing = 'gzip' | 'xz' | 'bzip2' | 'zstd';

/** The number of first bytes that show a file's compression. */
export const MAGIC_LENGTH = 10;

/** The first bytes of each compression: RFC 1952, the .xz file format 1.2.1, bzip2's header and first block, RFC 8878. */
const MAGIC: readonly (readonly [Packing, string])[] = [
  ['gzip', '1f8b08'],
  ['xz', 'fd377a585a00'],
  ['zstd', '28b52ffd'],
];
const BZIP2 = /^425a683[1-9](314159265359|177245385090)/;

/** The compression of a file that begins with these bytes, whatever its name; undefined for plain text. */
export function packingOf(begin: Buffer): Packing | undefined {
  const bytes = begin.toString('hex', 0, MAGIC_LENGTH);
  const [packing] = MAGIC.find(([, magic]) => bytes.startsWith(magic)) ?? [];
  return packing ?? (BZIP2.test(bytes) ? 'bzip2' : undefined);
}

/**
 * The content of a stream, decompressed if it is compressed.
 *
 * @throws Error that names the damage; RiposteError (UNAVAILABLE) if the program for it is missing
 */
export async function* unpacked(stream: AsyncIterable<Buffer>, chunkSize: number): AsyncGenerator<Buffer> {
  const chunks = stream[Symbol.asyncIterator]();
  const begin = await readBegin(chunks);
  const whole = joined(begin, chunks);
  const packing = packingOf(begin);
  if (packing === undefined) yield* whole;
  else if (packing === 'gzip') yield* gunzipped(whole, chunkSize);
  else yield* unpackByProgram(packing, whole);
}

async function readBegin(chunks: AsyncIterator<Buffer>): Promise<Buffer> {
  let begin: Buffer = Buffer.alloc(0);
  while (begin.length < MAGIC_LENGTH) {
    const next = await chunks.next();
    if (next.done) break;
    begin = begin.length === 0 ? next.value : Buffer.concat([begin, next.value]);
  }
  return begin;
}

async function* joined(begin: Buffer, chunks: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    if (begin.length > 0) yield begin;
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
  } finally {
    await chunks.return?.();
  }
}

/** The first bytes of a compressed file's content; none if it is damaged. @throws RiposteError (UNAVAILABLE) */
export function unpackBegin(packing: Packing, fd: number, begin: Buffer, length: number): Buffer {
  if (packing === 'gzip') return gunzipBegin(begin).subarray(0, length);
  const { stdout } = spawnSync(findProgram(packing, process.env.PATH), ['-dc'], {
    ...surroundings(),
    stdio: [fd, 'pipe', 'ignore'],
    maxBuffer: length,
    timeout: PATIENCE,
    killSignal: 'SIGKILL',
  });
  return (stdout ?? Buffer.alloc(0)).subarray(0, length);
}

/** The time that a program may take until its first bytes come, in milliseconds. */
const PATIENCE = 10_000;

const surroundings = () => ({ cwd: '/', env: { PATH: process.env.PATH, LC_ALL: 'C' } });

/** The most characters of a program's error messages that are kept. */
const KEPT_OF_STDERR = 4000;

async function* gunzipped(source: AsyncIterable<Buffer>, chunkSize: number): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize });
  pipeline(Readable.from(source), gunzip).catch(() => {}); // reading from gunzip throws the same error
  try {
    yield* gunzip as AsyncIterable<Buffer>;
  } finally {
    gunzip.destroy();
  }
}

async function* unpackByProgram(
  packing: Exclude<Packing, 'gzip'>,
  source: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  const program = findProgram(packing, process.env.PATH);
  const child = spawn(program, ['-dc'], { ...surroundings(), stdio: 'pipe' });
  let stderr = '';
  child.stderr.setEncoding('latin1').on('data', (text: string) => {
    if (stderr.length < KEPT_OF_STDERR) stderr += text;
  });
  const closed = once(child, 'close') as Promise<[code: number | null, signal: string | null]>;
  closed.catch(() => {}); // awaited below, after its output has ended
  const fed = pipeline(Readable.from(source), child.stdin).then(() => undefined, failureOfSource);
  try {
    yield* child.stdout as AsyncIterable<Buffer>;
    const failure = await fed;
    if (failure) throw failure;
    const [code, signal] = await closed;
    if (code === 0) return;
    const end = signal === null ? `exit status ${code}` : `ended by ${signal}`;
    throw new Error(`${packing}: ${failureOf({ stdout: '', stderr, end }).message}`);
  } finally {
    child.kill('SIGKILL');
    child.stdin.destroy();
  }
}

/**
 * The reason why the program's input could not be written; undefined if the program ended by itself, because its exit
 * status is more precise.
 */
function failureOfSource(error: NodeJS.ErrnoException): Error | undefined {
  const isItsEnd =
    error.code === 'EPIPE' || error.code === 'ECONNRESET' || error.code === 'ERR_STREAM_PREMATURE_CLOSE';
  return isItsEnd ? undefined : error;
}

function gunzipBegin(begin: Buffer): Buffer {
  try {
    return gunzipSync(begin, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return Buffer.alloc(0);
  }
}
