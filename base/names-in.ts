import { readdirSync } from 'node:fs';
import { fileError, isMissing } from './files.ts';

/** The names in a directory; none when it is missing. @throws RiposteError (IOERR, NOPERM) */
export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (isMissing(error)) return [];
    throw fileError('read', directory, error);
  }
}
