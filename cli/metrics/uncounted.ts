import { lstatSync, statSync } from 'node:fs';
import { EX, RiposteError } from '../../active-response/errors.ts';
import { fileError } from '../../active-response/files.ts';
import { formsOf } from '../history/journal-files.ts';
import { type Line, readLines } from '../lines.ts';
import { anyHead } from '../logs/begin-and-end.ts';
import { HEAD_LENGTH, headOf, type Position } from '../logs/position.ts';
import { readPart } from '../logs/read-part.ts';
import { writtenSince } from '../logs/rotated-forms.ts';
import { type Part, unreadOf } from '../logs/unread.ts';

/** How often it is read anew when it is rotated meanwhile. */
const TRIES = 3;

/** Where nothing has been read yet: then the rotated files count as well. */
const BEGIN: Position = { offset: 0, head: headOf(Buffer.alloc(0)), time: new Date(0).toISOString() };

/**
 * Hands over what a log of ours has got since it was last counted, through rotation and truncation.
 *
 * @param count begins a counting, which takes lines; it is begun anew, and the one before forgotten, when the log
 * was rotated meanwhile
 * @returns how far the log has been counted then
 * @throws RiposteError (IOERR, NOPERM, TEMPFAIL) when it cannot be read
 */
export async function countNew(
  log: string,
  last: Position | undefined,
  count: () => (line: Line) => void,
): Promise<Position | undefined> {
  for (let tries = 0; tries < TRIES; tries++) {
    const before = identityOf(log);
    // Just rotated: what has become of it is found when there is a new one.
    if (before === undefined) return last;
    const { parts, position } = unread(log, last);
    const add = count();
    let end: Position | undefined;
    for (const part of parts.filter(({ isContext }) => !isContext)) end = await readAll(part, add);
    const after = identityOf(log);
    // Nothing tells an empty log from the next one: its place is the end of what it was before.
    if (before.inode === after?.inode && after.size >= before.size)
      return position?.offset === 0 ? (end ?? last) : position;
  }
  throw new RiposteError(EX.TEMPFAIL, `${log} is rotated again and again while it is read`);
}

/** @returns where it ends */
async function readAll(part: Part, add: (line: Line) => void): Promise<Position> {
  let offset = part.from;
  const counted = async function* () {
    for await (const bytes of readPart(part)) {
      offset += bytes.length;
      yield bytes;
    }
  };
  for await (const lines of readLines(counted())) for (const line of lines) add(line);
  try {
    const head = anyHead(part.file, HEAD_LENGTH);
    return { offset, head, time: statSync(part.file).mtime.toISOString() };
  } catch (error) {
    throw fileError('read', part.file, error);
  }
}

function unread(log: string, last = BEGIN) {
  try {
    return unreadOf(log, last, new Date(), rotatedForms);
  } catch (error) {
    throw fileError('read', log, error);
  }
}

/** No pipe, and no link: logs/ is the manager's own account's, and whoever waits for a pipe waits for ever. */
function rotatedForms(log: string, since: number): string[] {
  const isFile = (file: string) => lstatSync(file, { throwIfNoEntry: false })?.isFile() === true;
  return writtenSince(
    since,
    formsOf(log).filter((file) => file !== log && isFile(file)),
  );
}

function identityOf(log: string): { inode: number; size: number } | undefined {
  const stats = lstatSync(log, { throwIfNoEntry: false });
  if (stats !== undefined && !stats.isFile())
    throw new RiposteError(EX.IOERR, `cannot read ${log}: it is no regular file; move it away`);
  return stats && { inode: stats.ino, size: stats.size };
}
