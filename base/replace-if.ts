import { linkSync, readFileSync, renameSync, type Stats, statSync } from 'node:fs';
import { dropTemporary, fileError, isMissing, replaceFile, temporaryFor, writeNewFile } from './files.ts';

/**
 * Replaces or removes a file. Does so only if the file is missing or may be replaced. A file that another process
 * writes meanwhile stays, unless it may be replaced, too. The file is missing for a moment before the new one appears.
 *
 * @param text the new text; undefined to remove the file
 * @param mayReplace is called with the present file
 * @returns true if the file has this text now, or is gone
 * @throws RiposteError (IOERR, NOPERM)
 */
export function replaceIf(
  file: string,
  text: string | undefined,
  mayReplace: (stats: Stats) => boolean,
): boolean {
  const temporary = temporaryFor(file);
  try {
    if (text !== undefined) writeNewFile(temporary, text, { mode: 0o640, directoryMode: 0o750 });
    for (;;) {
      if (text !== undefined && appears(temporary, file)) return true;
      const there = statSync(file, { throwIfNoEntry: false });
      if (there && !(mayReplace(there) && wasTaken(file, mayReplace))) return false;
      if (text === undefined) return true;
    }
  } catch (error) {
    throw fileError('write', file, error);
  } finally {
    dropTemporary(temporary);
  }
}

/** Gives a file another name, which must be free. @returns false if the name is taken @throws a system error */
export function appears(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (!/^(EPERM|EOPNOTSUPP|ENOTSUP|ENOSYS|EMLINK)$/.test(code)) throw error;
    if (statSync(to, { throwIfNoEntry: false })) return false;
    replaceFile(to, readFileSync(from, 'utf8')); // a file system without links
    return true;
  }
}

/** Moves the file away, and puts it back if it may no longer be replaced. @returns true if it is gone */
function wasTaken(file: string, mayReplace: (stats: Stats) => boolean): boolean {
  const aside = temporaryFor(`${file}.aside`);
  try {
    renameSync(file, aside);
    if (mayReplace(statSync(aside))) return true;
    linkSync(aside, file);
    return false;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false; // another process has written a newer file
    if (isMissing(error)) return true;
    throw error;
  } finally {
    dropTemporary(aside);
  }
}
