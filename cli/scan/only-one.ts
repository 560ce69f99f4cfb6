import { dirname } from 'node:path';
import { EX, RiposteError } from '../../active-response/errors.ts';
import { makeDirectory } from '../../active-response/files.ts';
import { tryLock } from '../../active-response/lock.ts';

/**
 * Sees to it that of what holds this lock there is only one.
 *
 * @param otherwise what to say while there is another @returns what lets go of the lock
 * @throws RiposteError (TEMPFAIL) while another process holds it, (IOERR, NOPERM) where no lock can be made
 */
export function onlyOne(file: string, otherwise: string): () => void {
  makeDirectory(dirname(file), 0o755);
  const release = tryLock(file);
  if (release) return release;
  throw new RiposteError(EX.TEMPFAIL, otherwise);
}
