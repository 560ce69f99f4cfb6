import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileError, isMissing, writeNewFile } from '../../active-response/files.ts';

/** The text of a file byte by byte (latin1), so that bytes of any encoding survive; empty when there is none. */
export function readBytes(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch (error) {
    if (isMissing(error)) return '';
    throw fileError('read', file, error);
  }
}

/**
 * Replaces a file as one step, with owner, group and mode of the old one; through a link its target. Makes it
 * (0640) where there is none.
 *
 * @param bytes the new text, byte by byte (latin1) @throws RiposteError (IOERR, NOPERM); then the file is as it was
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
      writeFileSync(fd, Buffer.from(bytes, 'latin1')); // all of it, unlike writeSync on a disk that is getting full
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
