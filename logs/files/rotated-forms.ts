import { existsSync, lstatSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { namesIn } from '../../base/names-in.ts';
import { isRotatedFormOf, withoutPacking } from '../sources/rotated-names.ts';
import { anyBegin, plainBegin } from './begin-and-end.ts';
import { HEAD_LENGTH } from './position.ts';

/** The log's rotated forms that were written since a time (milliseconds), the oldest first. */
export const rotatedForms = (log: string, since: number): string[] =>
  withoutCopies(log, writtenSince(since, possibleForms(log)));

/**
 * The files that logrotate and rotatelogs may have made of a log: with a number or a date after its name, or a date
 * before its `.log`. Leaves out copies such as access.log.bak, other logs such as access-ssl.log, pipes and links. The
 * oldest comes first, if names show the age.
 */
function possibleForms(log: string): string[] {
  return namesIn(dirname(log))
    .filter((each) => isRotatedFormOf(basename(log), each))
    .sort((a, b) => turnOf(b) - turnOf(a) || (a < b ? -1 : 1))
    .map((each) => join(dirname(log), each))
    .filter((file) => lstatSync(file, { throwIfNoEntry: false })?.isFile());
}

/** A numbered name by logrotate: access.log.2. A longer number is a date. */
const NUMBERED = /^(.*\.)(\d{1,4})$/;

/** The number in a file's name; 0 for a name with a date. */
const turnOf = (name: string): number => Number(NUMBERED.exec(withoutPacking(name))?.[2] ?? 0);

/**
 * Leaves out files with the same beginning as the log or another file: an administrator's copy, or the file that gzip
 * is about to remove. Of two such files, it keeps the uncompressed file; if both or neither are compressed, the more
 * recently written file.
 *
 * @param files the oldest first
 */
function withoutCopies(log: string, files: readonly string[]): string[] {
  const begins = files.map((file) => wholeLines(anyBegin(file, HEAD_LENGTH)));
  if (existsSync(log)) begins.push(wholeLines({ bytes: plainBegin(log, HEAD_LENGTH), packing: undefined }));
  const isLeftOut = (index: number) =>
    begins.some((other, at) => {
      const each = begins[index];
      if (!each || at === index || !isBegin(each.text, other.text)) return false;
      return each.isPacked === other.isPacked ? at > index : each.isPacked;
    });
  return files.filter((_, index) => !isLeftOut(index));
}

/**
 * The first bytes of a file, to compare with other files. If the file is short, only its whole lines, because each line
 * contains its time, which tells files apart.
 */
function wholeLines({ bytes, packing }: ReturnType<typeof anyBegin>): { text: Buffer; isPacked: boolean } {
  const text = bytes.length === HEAD_LENGTH ? bytes : bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1);
  return { text, isPacked: packing !== undefined };
}

function isBegin(a: Buffer, b: Buffer): boolean {
  const length = Math.min(a.length, b.length);
  return length > 0 && a.subarray(0, length).equals(b.subarray(0, length));
}

/**
 * The files that were written since a time (milliseconds), the oldest first. Files with the same kind of name keep their
 * given order; the others are ordered by time. Time alone would mislead: a process of the web server may write last to
 * the older file, and a file system's clock has ticks of some milliseconds.
 *
 * @param files the oldest first among those with the same kind of name
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

/** Returns the same text for all files whose names show their age: by a number, or by a date with the year first. */
function namingOf(name: string): string {
  const plain = withoutPacking(name);
  const [, numbered] = NUMBERED.exec(plain) ?? [];
  if (numbered !== undefined) return numbered;
  const isDated = /(?<!\d)(?:20\d\d-?(?:0[1-9]|1[0-2])-?\d\d|\d{10}(?!\d))/.test(name);
  return isDated ? plain.replace(/\d/g, '0') : name;
}
