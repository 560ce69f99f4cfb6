import { closeSync, existsSync, fstatSync, lstatSync, openSync, readSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { constants, gunzipSync } from 'node:zlib';
import { namesIn } from '../names-in.ts';
import { noFile, READ } from './no-file.ts';
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
  /** What to remember. While the log is empty: the end of what it was before, as that may still grow. */
  readonly position: Position | undefined;
  /** Bytes of the log itself that will have been read; undefined when there is none. */
  readonly end: number | undefined;
  /** True when the log was rotated, and what it was when last read is gone. */
  readonly isLost: boolean;
}

type FormsOf = (log: string, since: number) => string[];

/** How many bytes before the new ones are looked at again. */
const CONTEXT = 512 * 1024;

/**
 * What a log has that was not there when it was last read, its rotated forms included (`access.log.1`,
 * `access.log-20261120`, `….gz`): by rename or by copytruncate. Only whole lines count; the log's last line may
 * still be in the making.
 *
 * @param formsOf what a log was rotated to and was written to since a time (milliseconds), the oldest first
 * @throws RiposteError (IOERR) for a log that is no file; errors of node:fs for one that cannot be read
 */
export function unreadOf(
  log: string,
  last: Position | undefined,
  now: Date,
  formsOf: FormsOf = rotatedForms,
): Unread {
  const end = endOf(log);
  const live = { file: log, from: 0, to: end ?? 0, isContext: false };
  const position =
    end === undefined ? undefined : { offset: end, head: plainHead(log), time: now.toISOString() };
  if (last === undefined) return { parts: notEmpty([live]), position, end, isLost: false };
  if (position && position.offset >= last.offset && isSame(plainHead(log, last.head.length), last.head))
    return { parts: notEmpty(continued({ ...live, from: last.offset })), position, end, isLost: false };
  const before = partsBefore(log, last, formsOf);
  const isLost = before.length === 0 && last.offset > 0;
  if (end) return { parts: notEmpty([...before, live]), position, end, isLost };
  const nowhere = { offset: 0, head: headOf(Buffer.alloc(0)), time: now.toISOString() };
  return { parts: notEmpty(before), position: nowhere, end, isLost, ...stillGrowing(before) };
}

/** What is to be read of the files that the log was before; nothing when those are gone. */
function partsBefore(log: string, last: Position, formsOf: FormsOf): Part[] {
  const since = Date.parse(last.time);
  const whole = (file: string): Part => ({ file, from: 0, to: undefined, isContext: false });
  // It was empty, so nothing tells the file of then from others but its time.
  if (last.offset === 0) return formsOf(log, since).map(whole);
  // The clock of the file system lags behind ours; and the right one is told by its begin anyway.
  const rotated = formsOf(log, since - 24 * 3600 * 1000);
  const found = rotated.findIndex((file) => isSame(anyHead(file, last.head.length), last.head));
  const [first, ...newer] = found === -1 ? [] : rotated.slice(found);
  if (first === undefined) return [];
  return [...continued({ ...whole(first), from: last.offset }), ...newer.map(whole)];
}

/**
 * While its successor is empty, the web server may still write to the newest of them: it is read up to its last
 * whole line, and on from there the next time. A .gz grows no more.
 */
function stillGrowing(parts: readonly Part[]): Pick<Unread, 'parts' | 'position'> | undefined {
  const newest = parts.at(-1);
  const stats = newest && statSync(newest.file, { throwIfNoEntry: false });
  if (!newest || !stats || newest.file.endsWith('.gz')) return undefined;
  const to = endOfLines(newest.file, stats.size);
  const position = { offset: to, head: plainHead(newest.file), time: stats.mtime.toISOString() };
  return { parts: notEmpty([...parts.slice(0, -1), { ...newest, to }]), position };
}

const notEmpty = (parts: readonly Part[]): Part[] =>
  parts.filter(({ from, to }) => to === undefined || to > from);

function continued(part: Part): Part[] {
  const { file, from } = part;
  return [{ file, from: Math.max(0, from - CONTEXT), to: from, isContext: true }, part];
}

const rotatedForms: FormsOf = (log, since) => withoutCopies(log, writtenSince(since, possibleForms(log)));

/**
 * What logrotate and rotatelogs make of a log: a number or a date behind its name, or a date before its `.log`. No
 * copy of somebody's, such as access.log.bak, and no other log, such as access-ssl.log; no pipe and no link.
 */
function possibleForms(log: string): string[] {
  const name = basename(log);
  const stem = name.replace(/\.log$/, '');
  const isForm = (each: string) =>
    (each.startsWith(name) && /^[-.]\d[\d.-]*?(\.gz)?$/.test(each.slice(name.length))) ||
    (each.startsWith(stem) && /^-\d{4}-?\d\d-?\d[\d-]*\.log(\.\d+)?(\.gz)?$/.test(each.slice(stem.length)));
  return namesIn(dirname(log))
    .filter(isForm)
    .map((each) => join(dirname(log), each))
    .filter((file) => lstatSync(file, { throwIfNoEntry: false })?.isFile());
}

/**
 * The files without those that are the begin of the log itself or of another: somebody's copy, or what gzip is
 * about to remove. Of two such files the one that is not packed counts, else the one that was written last.
 *
 * @param files the oldest first
 */
function withoutCopies(log: string, files: readonly string[]): string[] {
  const begins = [...files, ...(existsSync(log) ? [log] : [])].map((file) => ({ file, text: beginOf(file) }));
  const isLeftOut = (index: number) =>
    begins.some((other, at) => {
      const each = begins[index];
      if (!each || at === index || !isBegin(each.text, other.text)) return false;
      const [isPacked, isOtherPacked] = [each, other].map(({ file }) => file.endsWith('.gz'));
      return isPacked === isOtherPacked ? at > index : isPacked;
    });
  return files.filter((_, index) => !isLeftOut(index));
}

/** Whole lines, as each of them has its time in it. */
function beginOf(file: string): Buffer {
  const bytes = anyBytes(file, HEAD_LENGTH);
  return bytes.length === HEAD_LENGTH ? bytes : bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1);
}

function isBegin(a: Buffer, b: Buffer): boolean {
  const length = Math.min(a.length, b.length);
  return length > 0 && a.subarray(0, length).equals(b.subarray(0, length));
}

/** Those of the files that were written to since, the oldest first; of two of the same time the shorter. */
export function writtenSince(since: number, files: readonly string[]): string[] {
  const dated = files.flatMap((file) => {
    const stats = statSync(file, { throwIfNoEntry: false });
    return stats && stats.mtimeMs >= since ? [{ file, time: stats.mtimeMs, size: stats.size }] : [];
  });
  return dated.sort((a, b) => a.time - b.time || a.size - b.size).map(({ file }) => file);
}

const isSame = (a: Head, b: Head): boolean => b.length > 0 && a.length === b.length && a.hash === b.hash;

/** How a file begins; of a .gz, what is in it. */
export const anyHead = (file: string, length: number): Head => headOf(anyBytes(file, length));

const anyBytes = (file: string, length: number): Buffer =>
  file.endsWith('.gz') ? gunzipped(file).subarray(0, length) : readAt(file, 0, length);

const plainHead = (file: string, length = HEAD_LENGTH): Head => headOf(readAt(file, 0, length));

function gunzipped(file: string): Buffer {
  try {
    return gunzipSync(readAt(file, 0, 64 * 1024), { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return Buffer.alloc(0); // no gzip, whatever its name says
  }
}

/** Behind the last newline of a log; undefined when there is none. */
function endOf(log: string): number | undefined {
  const stats = statSync(log, { throwIfNoEntry: false });
  if (stats && !stats.isFile()) throw noFile(log);
  return stats && endOfLines(log, stats.size);
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
  const fd = openSync(file, READ);
  try {
    if (!fstatSync(fd).isFile()) throw noFile(file);
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(fd, bytes, 0, length, at));
  } finally {
    closeSync(fd);
  }
}
