import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { constants, gunzipSync } from 'node:zlib';
import { HEAD_LENGTH, type Head, headOf, type Position } from './position.ts';

/** A range of bytes of a log that is to be read; of a .gz, of what is in it. */
export interface Part {
  readonly file: string;
  readonly from: number;
  /** Behind the last byte; undefined: to the end. */
  readonly to: number | undefined;
  /** It was read before: for what came before the new lines, as half of a burst may be there. */
  readonly isContext: boolean;
}

/** What is to be read of one log, and how far it will have been read then. */
export interface Unread {
  readonly parts: readonly Part[];
  readonly position: Position | undefined;
  /** True when the log was rotated, and what it was when last read is gone. */
  readonly isLost: boolean;
}

/** How many bytes before the new ones are looked at again. */
const CONTEXT = 512 * 1024;

/**
 * What a log has that was not there when it was last read, its rotated forms included (`access.log.1`,
 * `access.log-20261120`, `….gz`): by rename or by copytruncate. Only whole lines count; the log's last line may
 * still be in the making.
 *
 * @param formsOf the files that a log may have been rotated to
 */
export function unreadOf(
  log: string,
  last: Position | undefined,
  now: Date,
  formsOf: (log: string) => string[] = possibleForms,
): Unread {
  const rotatedForms = (since: number) => writtenSince(since, formsOf(log));
  const size = statSync(log, { throwIfNoEntry: false })?.size;
  const end = size === undefined ? 0 : endOfLines(log, size);
  const position = size === undefined ? last : { offset: end, head: plainHead(log), time: now.toISOString() };
  const live = { file: log, from: 0, to: end, isContext: false };
  if (last === undefined) return { parts: notEmpty([live]), position, isLost: false };
  if (size !== undefined && size >= last.offset && isSame(plainHead(log, last.head.length), last.head))
    return { parts: notEmpty(continued({ ...live, from: last.offset })), position, isLost: false };
  const since = Date.parse(last.time);
  if (last.offset === 0) {
    // It was empty, so nothing tells the file of then from others but its time.
    const whole = rotatedForms(since).map((file) => ({ ...live, file, to: undefined }));
    return { parts: notEmpty([...whole, live]), position, isLost: false };
  }
  // The clock of the file system lags behind ours; and the right one is told by its begin anyway.
  const rotated = rotatedForms(since - 24 * 3600 * 1000);
  const found = rotated.findIndex((file) => isSame(anyHead(file, last.head.length), last.head));
  const [first, ...newer] = found === -1 ? [] : rotated.slice(found);
  const rest =
    first === undefined ? [] : continued({ ...live, file: first, from: last.offset, to: undefined });
  const whole = newer.map((file) => ({ ...live, file, to: undefined }));
  return { parts: notEmpty([...rest, ...whole, live]), position, isLost: found === -1 };
}

const notEmpty = (parts: readonly Part[]): Part[] =>
  parts.filter(({ from, to }) => to === undefined || to > from);

function continued(part: Part): Part[] {
  const { file, from } = part;
  return [{ file, from: Math.max(0, from - CONTEXT), to: from, isContext: true }, part];
}

/** Whatever begins with a log's name may be what it was before. */
function possibleForms(log: string): string[] {
  if (!existsSync(dirname(log))) return [];
  const name = basename(log);
  const stem = name.replace(/\.log$/, '');
  const isForm = (each: string) =>
    each !== name &&
    (each.startsWith(`${name}.`) || each.startsWith(`${name}-`) || each.startsWith(`${stem}-`));
  return readdirSync(dirname(log))
    .filter(isForm)
    .map((each) => join(dirname(log), each));
}

/** Those of the files that were written to since, the oldest first. */
function writtenSince(since: number, files: readonly string[]): string[] {
  const dated = files.map((file) => ({
    file,
    time: statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0,
  }));
  return dated
    .filter(({ time }) => time >= since)
    .sort((a, b) => a.time - b.time)
    .map(({ file }) => file);
}

const isSame = (a: Head, b: Head): boolean => b.length > 0 && a.length === b.length && a.hash === b.hash;

/** How a file begins; of a .gz, what is in it. */
export const anyHead = (file: string, length: number): Head =>
  file.endsWith('.gz') ? headOf(gunzipped(file).subarray(0, length)) : plainHead(file, length);

const plainHead = (file: string, length = HEAD_LENGTH): Head => headOf(readAt(file, 0, length));

function gunzipped(file: string): Buffer {
  try {
    return gunzipSync(readAt(file, 0, 64 * 1024), { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return Buffer.alloc(0); // no gzip, whatever its name says
  }
}

/** Behind the last newline. */
function endOfLines(file: string, size: number): number {
  for (let end = size; end > 0; end -= PIECE) {
    const start = Math.max(0, end - PIECE);
    const at = readAt(file, start, end - start).lastIndexOf(0x0a);
    if (at !== -1) return start + at + 1;
  }
  return 0;
}

const PIECE = 64 * 1024;

function readAt(file: string, at: number, length: number): Buffer {
  const fd = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(fd, bytes, 0, length, at));
  } finally {
    closeSync(fd);
  }
}
