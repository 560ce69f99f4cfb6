import { createHash } from 'node:crypto';
import { EX, RiposteError } from '../../active-response/errors.ts';

/** A part of ossec.conf that Riposte has put in, with its markers. Offsets are in bytes. */
interface MarkedBlock {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly line: number;
  /** What the marker says of the text between the markers, and what that is now. */
  readonly madeWith: string;
  readonly isNow: string;
}

/** A part to be put in. */
export interface Insertion {
  readonly name: string;
  /** Where, in bytes: at the begin of a line when nothing but white space stands before it there. */
  readonly at: number;
  /** The lines between the markers, without indentation of their own place. */
  readonly lines: readonly string[];
}

const BEGIN =
  /<!-- riposte:begin (\S+) ([0-9a-f]+) \(made by riposte install; riposte uninstall takes it out\) -->/g;
const END = /<!-- riposte:end (\S+) -->/g;

/**
 * Puts parts in between marker comments, so that `withoutBlocks` gives back every byte that was there.
 *
 * @param text the file's bytes (latin1)
 */
export function withBlocks(text: string, insertions: readonly Insertion[]): string {
  const newline = (text.match(/\r\n/g)?.length ?? 0) * 2 > (text.match(/\n/g)?.length ?? 0) ? '\r\n' : '\n';
  const placed = insertions.map((insertion) => place(text, insertion, newline));
  placed.sort((a, b) => b.at - a.at); // from the end, so that what is put in moves nothing that comes after
  return placed.reduce((result, { at, block }) => result.slice(0, at) + block + result.slice(at), text);
}

/**
 * Takes all parts out again.
 *
 * @param text the file's bytes (latin1) @param file for messages
 * @param discardsEdits takes out what somebody has changed by hand, too
 * @throws RiposteError (CONFIG) for a part that was changed by hand, and for markers that do not match
 */
export function withoutBlocks(text: string, file: string, discardsEdits = false): string {
  const blocks = findBlocks(text, file);
  const edited = blocks.find(({ madeWith, isNow }) => madeWith !== isNow);
  if (edited && !discardsEdits) {
    throw new RiposteError(
      EX.CONFIG,
      `${file}:${edited.line}: the part '${edited.name}' between Riposte's markers was changed by hand; move the change out of the markers, and take it out there or discard it by --force`,
    );
  }
  return blocks.reduceRight((rest, { start, end }) => rest.slice(0, start) + rest.slice(end), text);
}

/** What is put in, and where: on lines of its own when nothing stands before it on its line. */
function place(text: string, { name, at, lines }: Insertion, newline: string): { at: number; block: string } {
  const lineStart = text.lastIndexOf('\n', at - 1) + 1;
  const before = text.slice(lineStart, at);
  const startsLine = before.trim() === '';
  const indent = startsLine ? before : '';
  const inside = lines.map((line) => (line === '' ? newline : indent + line + newline)).join('');
  const begin = `<!-- riposte:begin ${name} ${fingerprint(inside)} (made by riposte install; riposte uninstall takes it out) -->`;
  const block = `${indent}${begin}${newline}${inside}${indent}<!-- riposte:end ${name} -->`;
  return startsLine ? { at: lineStart, block: block + newline } : { at, block };
}

function findBlocks(text: string, file: string): MarkedBlock[] {
  const begins = [...text.matchAll(BEGIN)];
  const ends = [...text.matchAll(END)];
  const lineAt = (offset: number) => text.slice(0, offset).split('\n').length;
  const marks = [...begins, ...ends].sort((a, b) => a.index - b.index);
  const strays = marks.filter(
    (mark, index) =>
      begins.includes(mark as never) !== (index % 2 === 0) || mark[1] !== marks[index ^ 1]?.[1],
  );
  const stray = strays[0] ?? (marks.length % 2 === 1 ? marks.at(-1) : undefined);
  if (stray) {
    throw new RiposteError(
      EX.CONFIG,
      `${file}:${lineAt(stray.index)}: this marker of Riposte's (${stray[1]}) has no counterpart; put back ${file} from its backup, or remove what stands between the markers, and them, by hand`,
    );
  }
  return begins.map((begin, index) => {
    const end = ends[index] as RegExpExecArray;
    const inside = text.slice(begin.index + begin[0].length, end.index).replace(/^\r?\n/, '');
    return {
      name: begin[1] ?? '',
      ...extent(text, begin.index, end.index + end[0].length),
      line: lineAt(begin.index),
      madeWith: begin[2] ?? '',
      isNow: fingerprint(inside.replace(/[ \t]*$/, '')),
    };
  });
}

/** The whole lines when the markers have their lines to themselves, as `place` puts them at the begin of a line. */
function extent(text: string, start: number, end: number): { start: number; end: number } {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const newline = /^\r?\n/.exec(text.slice(end, end + 2))?.[0];
  const hasLines = text.slice(lineStart, start).trim() === '' && newline !== undefined;
  return hasLines ? { start: lineStart, end: end + newline.length } : { start, end };
}

/** Of the text whatever its line ends: an editor that changes them all has not edited this part. */
const fingerprint = (text: string): string =>
  createHash('sha256').update(text.replaceAll('\r\n', '\n'), 'latin1').digest('hex').slice(0, 12);
