import { format } from 'date-fns/format';
import { withEntry } from '../../active-response/guard/entries.ts';
import { readBytes, rewrite } from '../../active-response/guard/rewrite.ts';
import { withEditLock } from '../../active-response/guard/with-edit-lock.ts';
import type { Home } from '../../active-response/home.ts';
import { exceptionsFile } from '../../evaluate/own-files.ts';

/**
 * Appends an exception to riposte.except, with a comment.
 *
 * @returns false if the file has this line already
 * @throws RiposteError (IOERR, NOPERM, TEMPFAIL); the file is then unchanged
 */
export function writeException(home: Home, exception: string, why: string): boolean {
  const file = exceptionsFile(home);
  return withEditLock(home, '.except.lock', () => {
    const old = readBytes(file);
    const bytes = (text: string) => Buffer.from(text).toString('latin1');
    const isThere = old
      .split(/\r?\n/)
      .some((line) => line.replace(/\s+#.*$/, '').trim() === bytes(exception));
    if (isThere) return false;
    rewrite(file, withEntry(old, bytes(exception), bytes(`${format(new Date(), 'yyyy-MM-dd')} ${why}`)));
    return true;
  });
}
