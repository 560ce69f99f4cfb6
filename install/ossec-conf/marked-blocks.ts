import { createHash } from 'node:crypto';
import { EX, RiposteError } from '../../base/errors.ts';

/** A part of ossec.conf that Riposte has inserted, with its markers. Offsets are in bytes. */
interface MarkedBlock {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly line: number;
  /** The fingerprint in the marker, and the fingerprint of the present text. */
  readonly madeWith: string;
  readonly isNow: string;
}

/** A part to insert. */
export interface Insertion {
  readonly name: string;
  /** The position in bytes. If only white space precedes it on its line, the part gets lines of its own. */
  readonly at: number;
  /** The lines between the markers, without the indentation of the position. */
  readonly lines: readonly string[];
}

const BEGIN =
  /<!-- riposte:begin (\S+) ([0-9a-f]+) \(made by riposte install; riposte uninstall takes it out\) -->/g;
const END = /<!-- riposte:end (\S+) -->/g;

/**
 * Inserts parts between marker comments, so that `withoutBlocks` restores every byte.
 *
 * @param text the file's bytes (latin1)
 */
export function withBlocks(text: string, insertions: readonly Insertion[]): string {
  const newline = (text.match(/\r\n/g)?.length ?? 0) * 2 > (text.match(/\n/g)?.length ?? 0) ? '\r\n' : '\n';
  const placed = insertions.map((insertion) => positionOf(text, insertion, newline));
  placed.sort((a, b) => b.at - a.at); // last position first: an insertion moves only later text
  return placed.reduce((result, { at, block }) => result.slice(0, at) + block + result.slice(at), text);
}

/**
 * Removes all parts again.
 *
 * @param text the file's bytes (latin1) @param file for messages
 * @param discardsEdits also removes parts that were edited
 * @throws RiposteError (CONFIG) for an edited part, and for markers that do not match
 */
export function withoutBlocks(text: string, file: string, discardsEdits = false): string {
  const blocks = findBlocks(text, file);
  const edited = blocks.find(({ madeWith, isNow }) => madeWith !== isNow);
  if (edited && !discardsEdits) {
    throw new RiposteError(
      EX.CONFIG,
      `${file}:${edited.line}: someone has edited the part '${edited.name}' between Riposte's markers; set such values by the options --timeout, --location and --level of riposte install, put your own responses below the markers, and run again with --force to discard the edit`,
    );
  }
  return blocks.reduceRight((rest, { start, end }) => rest.slice(0, start) + rest.slice(end), text);
}

/** The positions, in the text without the parts, at which the parts were inserted, by name. @throws as `withoutBlocks` */
export function placesOfBlocks(text: string, file: string): ReadonlyMap<string, number> {
  let removed = 0;
  const places = new Map<string, number>();
  for (const { name, start, end } of findBlocks(text, file)) {
    const indent = /^[ \t]*/.exec(text.slice(start, end))?.[0] ?? '';
    // If a part has lines of its own, it was inserted in front of a line. Its position was after that line's
    // indentation.
    const isIndented = text.startsWith(indent, end);
    places.set(name, start - removed + (isIndented ? indent.length : 0));
    removed += end - start;
  }
  return places;
}

/** True for an offset inside one of the parts. @throws as `withoutBlocks` */
export function inBlocks(text: string, file: string): (offset: number) => boolean {
  const blocks = findBlocks(text, file);
  return (offset) => blocks.some(({ start, end }) => start <= offset && offset < end);
}

/** The inserted text and its position: on lines of its own when only white space precedes it on its line. */
function positionOf(
  text: string,
  { name, at, lines }: Insertion,
  newline: string,
): { at: number; block: string } {
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
      `${file}:${lineAt(stray.index)}: this marker of Riposte's (${stray[1]}) has no counterpart; restore ${file} from its backup, or remove the markers and the text between them by hand`,
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

/** Extends the range to whole lines when the markers have lines of their own, as `withBlocks` inserts them. */
function extent(text: string, start: number, end: number): { start: number; end: number } {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const newline = /^\r?\n/.exec(text.slice(end, end + 2))?.[0];
  const hasLines = text.slice(lineStart, start).trim() === '' && newline !== undefined;
  return hasLines ? { start: lineStart, end: end + newline.length } : { start, end };
}

/** Ignores line ends: an editor that converts them all has not edited this part. */
const fingerprint = (text: string): string =>
  createHash('sha256').update(text.replaceAll('\r\n', '\n'), 'latin1').digest('hex').slice(0, 12);
