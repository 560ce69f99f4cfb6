import { readdirSync } from 'node:fs';
import { fileError, isMissing } from './files.ts';

/** Returns the names in a directory. @throws a system error */
export type ListDirectory = (directory: string) => string[];

/** The names in a directory; none when it is missing. @throws RiposteError (IOERR, NOPERM) */
export function namesIn(directory: string, list: ListDirectory = (path) => readdirSync(path)): string[] {
  try {
    return list(directory);
  } catch (error) {
    if (isMissing(error)) return [];
    throw fileError('read', directory, error);
  }
}
