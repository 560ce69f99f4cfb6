import { statSync } from 'node:fs';
import { EX, RiposteError } from '../../base/errors.ts';
import { anyHead, endOf, endOfLines, packingOfFile, plainHead } from './begin-and-end.ts';
import { type Head, headOf, type Position } from './position.ts';
import { rotatedForms } from './rotated-forms.ts';

/** A range of bytes of a log to read; for a compressed log, of its content. */
export interface Part {
  readonly file: string;
  readonly from: number;
  /** The offset after the last byte; undefined for the end. */
  readonly to: number | undefined;
  /** True for lines that were read before, because half of a burst may be in them. */
  readonly isContext: boolean;
  /**
   * True for a rotated form, which may be compressed; false for the log itself, which is plain text whatever its
   * first bytes are.
   */
  readonly isRotated: boolean;
}

/** The unread parts of one log, and the position after they have been read. */
export interface Unread {
  readonly parts: readonly Part[];
  /** The position to remember. While the log is empty: the end of its rotated form, which may still grow. */
  readonly position: Position | undefined;
  /** Bytes of the log itself that will have been read; undefined if it does not exist. */
  readonly end: number | undefined;
  /** True if the log was rotated since the last read and its unread part is lost. */
  readonly isLost: boolean;
}

export type FormsOf = typeof rotatedForms;

/** The number of bytes before the new ones that are read again as context. */
const CONTEXT = 512 * 1024;

/**
 * Finds the unread part of a log, and of the rotated forms (`access.log.1`, `access.log-20261120`, `….gz`) that a
 * rename or copytruncate has made since the last read. Only whole lines count; the log's last line may still be
 * incomplete.
 *
 * @param formsOf the log's rotated forms that were written since a time (milliseconds), the oldest first
 * @throws RiposteError (IOERR) for a log that is not a regular file, or that is compressed at the first read;
 * (UNAVAILABLE) if the program for a compressed form is missing; errors of node:fs for an unreadable log
 */
export function resumePoint(
  log: string,
  last: Position | undefined,
  now: Date,
  formsOf: FormsOf = rotatedForms,
): Unread {
  const end = endOf(log);
  const live = { file: log, from: 0, to: end ?? 0, isContext: false, isRotated: false };
  const position =
    end === undefined ? undefined : { offset: end, head: plainHead(log), time: now.toISOString() };
  if (last === undefined && end !== undefined) refusePacked(log);
  if (last === undefined) return { parts: notEmpty([live]), position, end, isLost: false };
  if (position && position.offset >= last.offset && isSame(plainHead(log, last.head.length), last.head))
    return { parts: notEmpty(continued({ ...live, from: last.offset })), position, end, isLost: false };
  const before = partsBefore(log, last, formsOf);
  const isLost = before.length === 0 && last.offset > 0;
  if (end) return { parts: notEmpty([...before, live]), position, end, isLost };
  const nowhere = { offset: 0, head: headOf(Buffer.alloc(0)), time: now.toISOString() };
  return { parts: notEmpty(before), position: nowhere, end, isLost, ...stillGrowing(before) };
}

/** The file system's clock lags behind the process's clock by up to one tick of the kernel, in milliseconds. */
const LAG = 10;

/** The unread parts of the log's rotated forms; empty if no such form is left. */
function partsBefore(log: string, last: Position, formsOf: FormsOf): Part[] {
  const since = Date.parse(last.time);
  const whole = (file: string): Part => ({
    file,
    from: 0,
    to: undefined,
    isContext: false,
    isRotated: true,
  });
  // At the last read the log was empty, so only its time distinguishes this old file from other files.
  if (last.offset === 0) return formsOf(log, since - LAG).map(whole);
  // The first bytes identify the right file, so the search may include older files, too.
  const rotated = formsOf(log, since - 24 * 3600 * 1000);
  const found = rotated.findIndex((file) => isSame(anyHead(file, last.head.length), last.head));
  const [first, ...newer] = found === -1 ? [] : rotated.slice(found);
  if (first === undefined) return [];
  return [...continued({ ...whole(first), from: last.offset }), ...newer.map(whole)];
}

/**
 * While the log is empty, the web server may still write to the newest rotated form. That form is read up to its last
 * whole line. The next read continues there. A compressed form no longer grows.
 */
function stillGrowing(parts: readonly Part[]): Pick<Unread, 'parts' | 'position'> | undefined {
  const newest = parts.at(-1);
  const stats = newest && statSync(newest.file, { throwIfNoEntry: false });
  if (!newest || !stats || packingOfFile(newest.file) !== undefined) return undefined;
  const to = endOfLines(newest.file, stats.size);
  const position = { offset: to, head: plainHead(newest.file), time: stats.mtime.toISOString() };
  return { parts: notEmpty([...parts.slice(0, -1), { ...newest, to }]), position };
}

function refusePacked(log: string): void {
  const packing = packingOfFile(log);
  if (packing === undefined) return;
  throw new RiposteError(EX.IOERR, `${log} is compressed (${packing}): riposte replay reads such logs`);
}

const notEmpty = (parts: readonly Part[]): Part[] =>
  parts.filter(({ from, to }) => to === undefined || to > from);

function continued(part: Part): Part[] {
  const { from } = part;
  return [{ ...part, from: Math.max(0, from - CONTEXT), to: from, isContext: true }, part];
}

const isSame = (a: Head, b: Head): boolean => b.length > 0 && a.length === b.length && a.hash === b.hash;
