import { lstatSync } from 'node:fs';
import { EX, RiposteError } from '../../active-response/errors.ts';
import { fileError } from '../../active-response/files.ts';
import { formsOf } from '../history/journal-files.ts';
import { type Line, readLines } from '../lines.ts';
import { headOf, type Position } from '../logs/position.ts';
import { readPart } from '../logs/read-part.ts';
import { unreadOf } from '../logs/unread.ts';

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
    for (const part of parts.filter(({ isContext }) => !isContext))
      for await (const lines of readLines(readPart(part))) for (const line of lines) add(line);
    const after = identityOf(log);
    if (before.inode === after?.inode && after.size >= before.size) return position;
  }
  throw new RiposteError(EX.TEMPFAIL, `${log} is rotated again and again while it is read`);
}

function unread(log: string, last = BEGIN) {
  try {
    return unreadOf(log, last, new Date(), rotatedForms);
  } catch (error) {
    throw fileError('read', log, error);
  }
}

/** No pipe, and no link: logs/ is the manager's own account's, and whoever waits for a pipe waits for ever. */
const rotatedForms = (log: string): string[] =>
  formsOf(log).filter(
    (file) => file !== log && lstatSync(file, { throwIfNoEntry: false })?.isFile() === true,
  );

function identityOf(log: string): { inode: number; size: number } | undefined {
  const stats = lstatSync(log, { throwIfNoEntry: false });
  if (stats !== undefined && !stats.isFile())
    throw new RiposteError(EX.IOERR, `cannot read ${log}: it is no regular file; move it away`);
  return stats && { inode: stats.ino, size: stats.size };
}
