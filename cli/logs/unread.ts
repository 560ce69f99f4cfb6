import { statSync } from 'node:fs';
import { anyHead, endOf, endOfLines, plainHead } from './begin-and-end.ts';
import { type Head, headOf, type Position } from './position.ts';
import { rotatedForms } from './rotated-forms.ts';

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

type FormsOf = typeof rotatedForms;

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

/** The clock of the file system lags behind ours by up to a step of the kernel's, in milliseconds. */
const LAG = 10;

/** What is to be read of the files that the log was before; nothing when those are gone. */
function partsBefore(log: string, last: Position, formsOf: FormsOf): Part[] {
  const since = Date.parse(last.time);
  const whole = (file: string): Part => ({ file, from: 0, to: undefined, isContext: false });
  // It was empty, so nothing tells the file of then from others but its time.
  if (last.offset === 0) return formsOf(log, since - LAG).map(whole);
  // Whatever the clocks say: the right one is told by its begin.
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

const isSame = (a: Head, b: Head): boolean => b.length > 0 && a.length === b.length && a.hash === b.hash;
