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

/** A name that logrotate numbers: access.log.2.gz. A longer number is a date. */
const NUMBERED = /^(.*\.)(\d{1,4})(?:\.gz)?$/;

/** How often logrotate has moved a numbered file on; 0 for one with a date. */
const turnOf = (name: string): number => Number(NUMBERED.exec(name)?.[2] ?? 0);

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
 * Those of the files that were written to since (milliseconds), the oldest first: by their times, but for those that
 * are named in one way, which stay in the order they are given in. To the older one a process of the web server may
 * write last, and a file system counts time in steps of some milliseconds.
 *
 * @param files those of one way of naming: the oldest first
 */
export function writtenSince(since: number, files: readonly string[]): string[] {
  const earliest = new Map<string, number>();
  const dated = files.flatMap((file) => {
    const time = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
    return time !== undefined && time >= since ? [{ file, time }] : [];
  });
  for (const each of [...dated].reverse()) {
    const naming = namingOf(basename(each.file));
    each.time = Math.min(each.time, earliest.get(naming) ?? each.time);
    earliest.set(naming, each.time);
  }
  return dated.sort((a, b) => a.time - b.time).map(({ file }) => file);
}

/** The same for all files whose names tell which of them is older: by a number, or by a date with the year first. */
function namingOf(name: string): string {
  const [, numbered] = NUMBERED.exec(name) ?? [];
  if (numbered !== undefined) return numbered;
  const isDated = /(?<!\d)(?:20\d\d-?(?:0[1-9]|1[0-2])-?\d\d|\d{10}(?!\d))/.test(name);
  return isDated ? name.replace(/\.gz$/, '').replace(/\d/g, '0') : name;
}
