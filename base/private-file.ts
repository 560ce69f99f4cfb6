import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { EX, RiposteError } from './errors.ts';
import { fileError, isMissing } from './files.ts';

/** The longest file with secrets, in bytes. */
const LONGEST = 64 * 1024;

/**
 * Reads a file with secrets; returns undefined when it is missing. Checks the open descriptor, so that the file that was
 * checked is the file that is read.
 *
 * @throws RiposteError (CONFIG) when another account can read it or owns it, and when it is no regular file
 */
export function readPrivate(file: string): string | undefined {
  let fd: number;
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fileError('read', file, error);
  }
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) throw refusal(file, 'is not a regular file');
    if (stats.uid !== 0 && stats.uid !== process.getuid?.())
      throw refusal(file, `belongs to user ${stats.uid}: chown root ${file}`);
    if ((stats.mode & 0o077) !== 0)
      throw refusal(file, `can be read by others than root: chmod 600 ${file}, and change the secrets in it`);
    if (stats.size > LONGEST) throw refusal(file, `is longer than ${LONGEST} bytes`);
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
}

const refusal = (file: string, why: string): RiposteError => new RiposteError(EX.CONFIG, `${file} ${why}`);
