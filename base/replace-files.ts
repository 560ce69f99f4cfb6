import { closeSync, fsync, linkSync, renameSync, writeSync } from 'node:fs';
import type { RiposteError } from './errors.ts';
import { dropTemporary, fileError, openMakingDirectory, systemError, temporaryFor } from './files.ts';
import { appears } from './replace-if.ts';
import { SYNCED_TOGETHER } from './synced-together.ts';

/** A new file. Its names are hard links to it: making a link takes half as long as making a file. */
export interface NewFile {
  /** At least one path; all of the same directory. */
  readonly names: readonly string[];
  readonly text: string;
}

/** Whether a new file takes a name: `create`: only if no file has it; `replace`: in any case; `leave`: never. */
export type Taking = 'create' | 'replace' | 'leave';

/** Decides for each name of a new file, just before the file takes the name. */
export type TakingOf<T = string> = (name: T) => Taking;

/** The names that `replaceFiles` has not given to the new files. */
export interface NotReplaced {
  /** The errors, by name. */
  readonly failed: Map<string, RiposteError>;
  /** The names that must be left, and the names that a file has although they must be created. */
  readonly left: Set<string>;
}

/** The functions that `place` needs for the files of one batch. */
interface Replacing {
  /**
   * A name that no other batch or write uses: the temporary file of several names must not be replaced by one for other
   * names. A thread may write several batches at a time, and processes of two containers may have the same id.
   */
  temporaryOf(file: string): string;
  nowTaking(): TakingOf;
}

/** The mode of the new files. */
const MODE = 0o640;

/**
 * Writes many files. As with `replaceFile`, a reader of a name sees all of the old text or all of the new text, even
 * after a crash. Syncs several files at a time, so that the disk can combine the work. Throws no error.
 *
 * @param nowTaking is called for each file when its text is on the disk: another process may have written a file of the
 * same name meanwhile. The result is used at once, and only for this file
 */
export async function replaceFiles(
  files: readonly NewFile[],
  nowTaking: () => TakingOf = () => () => 'replace',
): Promise<NotReplaced> {
  const batch = `_${process.hrtime.bigint()}`;
  const how: Replacing = { temporaryOf: (file) => temporaryFor(file, batch), nowTaking };
  const result: NotReplaced = { failed: new Map(), left: new Set() };
  const remaining = [...files];
  const work = async () => {
    for (let file = remaining.pop(); file !== undefined; file = remaining.pop())
      await place(file, how, result);
  };
  await Promise.all(Array.from({ length: SYNCED_TOGETHER }, work));
  return result;
}

/** Writes and syncs a file, and gives it the names that it may take. Never throws an error. */
async function place(
  { names, text }: NewFile,
  { temporaryOf, nowTaking }: Replacing,
  { failed, left }: NotReplaced,
): Promise<void> {
  const temporary = temporaryOf(names[0] ?? '');
  const fail = (name: string, error: unknown) => failed.set(name, fileError('write', name, error));
  try {
    await writeSynced(temporary, text);
    const takingOf = nowTaking();
    for (const name of names) {
      try {
        const taking = takingOf(name);
        if (taking === 'replace') replaceByLink(temporary, name, temporaryOf(`${name}.link`));
        else if (taking === 'leave' || !appears(temporary, name)) left.add(name);
      } catch (error) {
        fail(name, error);
      }
    }
  } catch (error) {
    for (const name of names) fail(name, error);
  } finally {
    dropTemporary(temporary);
  }
}

/** Makes `name` a hard link to a written file, by way of the name `link`. @throws a system error */
function replaceByLink(written: string, name: string, link: string): void {
  linkSync(written, link);
  try {
    renameSync(link, name);
  } catch (error) {
    dropTemporary(link);
    throw error;
  }
}

/** Creates a file with this text, and syncs it. @throws a system error */
async function writeSynced(file: string, text: string): Promise<void> {
  const fd = openMakingDirectory(file, 'wx', MODE, 0o750);
  try {
    if (writeSync(fd, text) !== Buffer.byteLength(text)) throw systemError('ENOSPC');
    await new Promise<void>((resolve, reject) => fsync(fd, (error) => (error ? reject(error) : resolve())));
  } finally {
    closeSync(fd);
  }
}
