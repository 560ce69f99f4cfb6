import { lstatSync } from 'node:fs';
import { EX, RiposteError } from '../base/errors.ts';
import type { Line } from '../logs/files/lines.ts';
import { type FileOptions, newLines } from '../logs/files/new-lines.ts';
import { numberedForms } from '../logs/files/numbered-forms.ts';
import { headOf, type Position } from '../logs/files/position.ts';
import { writtenSince } from '../logs/files/rotated-forms.ts';

/** The number of tries to read a log that is rotated meanwhile. */
const TRIES = 3;

/** The position before the first count: the rotated forms are counted as well. */
const BEGIN: Position = { offset: 0, head: headOf(Buffer.alloc(0)), time: new Date(0).toISOString() };

/**
 * Counts the lines that Riposte has added to one of its own logs since the last count, even if the log was rotated or
 * truncated.
 *
 * @param count begins a count and returns a function that takes the lines to count. If the log is rotated meanwhile,
 * the count is dropped and a new one begins
 * @returns the position up to which the log is now counted
 * @throws RiposteError (IOERR, NOPERM, TEMPFAIL) if the log cannot be read
 */
export async function countNew(
  log: string,
  last: Position | undefined,
  count: () => (line: Line) => void,
): Promise<Position | undefined> {
  for (let tries = 0; tries < TRIES; tries++) {
    const before = identityOf(log);
    // The log was just rotated. The next count finds its rotated form.
    if (before === undefined) return last;
    const news = newLines({ location: log }, last ?? BEGIN, new Date(), OPTIONS);
    const add = count();
    for await (const { lines } of news.read()) for (const line of lines) add(line);
    const after = identityOf(log);
    const isRotated = before.inode !== after?.inode || after.size < before.size;
    // An empty log cannot be told from its successor, so its position is the end of its rotated form.
    if (!isRotated) return news.position?.offset === 0 ? (news.readTo ?? last) : news.position;
  }
  throw new RiposteError(EX.TEMPFAIL, `${log} was rotated ${TRIES} times while it was read; try again later`);
}

/** Skips pipes and links: the manager's account can write to logs/, and reading a pipe could wait for ever. */
function rotatedForms(log: string, since: number): string[] {
  const isFile = (file: string) => lstatSync(file, { throwIfNoEntry: false })?.isFile() === true;
  return writtenSince(
    since,
    numberedForms(log).filter((file) => file !== log && isFile(file)),
  );
}

const OPTIONS: FileOptions = { hasContext: false, formsOf: rotatedForms };

function identityOf(log: string): { inode: number; size: number } | undefined {
  const stats = lstatSync(log, { throwIfNoEntry: false });
  if (stats !== undefined && !stats.isFile())
    throw new RiposteError(EX.IOERR, `cannot read ${log}: it is not a regular file; move it away`);
  return stats && { inode: stats.ino, size: stats.size };
}
