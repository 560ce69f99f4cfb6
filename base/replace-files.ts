import { closeSync, fsync, linkSync, renameSync, writeSync } from 'node:fs';
import type { RiposteError } from './errors.ts';
import { dropTemporary, fileError, openMakingDirectory, systemError, temporaryFor } from './files.ts';
import { appears } from './replace-if.ts';
import { SYNCED_TOGETHER } from './synced-together.ts';

/** A new file. Several names share it as hard links: a link costs half as much as a file. */
export interface NewFile {
  /** At least one path; all of the same directory. */
  readonly names: readonly string[];
  readonly text: string;
}

/** Whether a new file takes a name only if it is free, takes it in any case, or leaves it to the present file. */
export type Taking = 'create' | 'replace' | 'leave';

/** The names that `replaceFiles` has not given to the new files. */
export interface NotReplaced {
  /** The errors, by name. */
  readonly failed: Map<string, RiposteError>;
  /** The names that may not be taken. */
  readonly left: Set<string>;
}

/** The way in which a batch of files is replaced. */
interface Replacing {
  /**
   * A name that no other batch or write uses: the temporary file of several names must not be replaced by one for other
   * names. A thread may write several batches at a time, and processes of two containers may have the same id.
   */
  temporaryOf(file: string): string;
  takingOf(name: string): Taking;
}

/** The mode of the new files. */
const MODE = 0o640;

/**
 * Writes many files, and gives them their names as `replaceFile` does. Syncs them in parallel, which lets the disk
 * combine the work.
 *
 * @param takingOf is called for each name when the new text is on the disk, just before the file takes this name: another
 * process may have written the old file meanwhile
 */
export async function replaceFiles(
  files: readonly NewFile[],
  takingOf: (name: string) => Taking = () => 'replace',
): Promise<NotReplaced> {
  const batch = `_${process.hrtime.bigint()}`;
  const how: Replacing = { temporaryOf: (file) => temporaryFor(file, batch), takingOf };
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
  { temporaryOf, takingOf }: Replacing,
  { failed, left }: NotReplaced,
): Promise<void> {
  const temporary = temporaryOf(names[0] ?? '');
  const fail = (name: string, error: unknown) => failed.set(name, fileError('write', name, error));
  try {
    await writeSynced(temporary, text);
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

/** Makes a name another link to a written file. @throws a system error */
function replaceByLink(written: string, name: string, link: string): void {
  linkSync(written, link);
  try {
    renameSync(link, name);
  } catch (error) {
    dropTemporary(link);
    throw error;
  }
}

/** @throws a system error */
async function writeSynced(file: string, text: string): Promise<void> {
  const fd = openMakingDirectory(file, 'wx', MODE, 0o750);
  try {
    if (writeSync(fd, text) !== Buffer.byteLength(text)) throw systemError('ENOSPC');
    await new Promise<void>((resolve, reject) => fsync(fd, (error) => (error ? reject(error) : resolve())));
  } finally {
    closeSync(fd);
  }
}
