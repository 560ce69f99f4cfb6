import { existsSync, lstatSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { namesIn } from '../names-in.ts';
import { anyBytes } from './begin-and-end.ts';
import { HEAD_LENGTH } from './position.ts';

/** What a log was rotated to and was written to since a time (milliseconds), the oldest first. */
export const rotatedForms = (log: string, since: number): string[] =>
  withoutCopies(log, writtenSince(since, possibleForms(log)));

/**
 * What logrotate and rotatelogs make of a log: a number or a date behind its name, or a date before its `.log`. No
 * copy of somebody's, such as access.log.bak, and no other log, such as access-ssl.log; no pipe and no link. The
 * oldest first, as far as a name tells.
 */
function possibleForms(log: string): string[] {
  const name = basename(log);
  const stem = name.replace(/\.log$/, '');
  const isForm = (each: string) =>
    (each.startsWith(name) && /^[-.]\d[\d.-]*?(\.gz)?$/.test(each.slice(name.length))) ||
    (each.startsWith(stem) && /^-\d{4}-?\d\d-?\d[\d-]*\.log(\.\d+)?(\.gz)?$/.test(each.slice(stem.length)));
  return namesIn(dirname(log))
    .filter(isForm)
    .sort((a, b) => turnOf(b) - turnOf(a) || (a < b ? -1 : 1))
    .map((each) => join(dirname(log), each))
    .filter((file) => lstatSync(file, { throwIfNoEntry: false })?.isFile());
}

/** How often logrotate has moved a numbered file on; 0 for one with a date. */
const turnOf = (name: string): number => Number(/\.(\d{1,4})(?:\.gz)?$/.exec(name)?.[1] ?? 0);

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

/**
 * Those of the files that were written to since (milliseconds), the oldest first. A file system counts time in steps
 * of some milliseconds: files of the same step stay in the order they are given in.
 */
export function writtenSince(since: number, files: readonly string[]): string[] {
  const dated = files.flatMap((file) => {
    const time = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
    return time !== undefined && time >= since ? [{ file, time }] : [];
  });
  return dated.sort((a, b) => a.time - b.time).map(({ file }) => file);
}
