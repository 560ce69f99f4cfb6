import { linkSync, readFileSync, renameSync, type Stats, statSync } from 'node:fs';
import { dropTemporary, fileError, isMissing, replaceFile, temporaryFor, writeNewFile } from './files.ts';

/**
 * Replaces or removes a file if the file is missing or `mayReplace` accepts it. If another process writes the file
 * meanwhile, `mayReplace` decides about that file, too. The file is missing for a moment before the new one appears.
 *
 * @param text the new text; undefined to remove the file
 * @param mayReplace is called with the status of the present file; returns false if that file must stay
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

/**
 * Makes `to` a hard link to the file `from`. If the file system refuses the link, writes a copy instead.
 *
 * @returns false if `to` exists already
 * @throws a system error; RiposteError (IOERR, NOPERM) when the copy fails
 */
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

/** Moves the file away; puts it back if `mayReplace` then refuses it. @returns true if the file is gone */
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
