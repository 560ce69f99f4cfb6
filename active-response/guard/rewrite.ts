import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileError, readBytesIfThere, writeNewFile } from '../../base/files.ts';

/** The text of a file byte by byte (latin1), so that bytes of any encoding survive; empty when it does not exist. */
export const readBytes = (file: string): string => readBytesIfThere(file)?.toString('latin1') ?? '';

/**
 * Replaces a file atomically, and keeps owner, group and mode; if it is a link, replaces its target. Creates a
 * missing file (0640).
 *
 * @param bytes the new text, byte by byte (latin1)
 * @throws RiposteError (IOERR, NOPERM); the file is then unchanged
 */
export function rewrite(file: string, bytes: string): void {
  const old = statSync(file, { throwIfNoEntry: false });
  if (old === undefined) {
    writeNewFile(file, Buffer.from(bytes, 'latin1').toString(), { mode: 0o640, directoryMode: 0o755 });
    return;
  }
  const target = realpathSync(file);
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`);
  try {
    const fd = openSync(temporary, 'wx', 0o600);
    try {
      writeFileSync(fd, Buffer.from(bytes, 'latin1')); // writes everything, unlike writeSync on a nearly full disk
      fchownSync(fd, old.uid, old.gid);
      fchmodSync(fd, old.mode & 0o7777);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw fileError('write', file, error);
  }
}
