import { resolve } from 'node:path';
import { download } from '../../base/download.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import { fileError, readBytesIfThere, systemError } from '../../base/files.ts';
import { printable } from '../../base/printable.ts';
import { LONGEST_PACK } from '../../evaluate/rule-pack/pack.ts';

/**
 * Reads a pack from a file, or downloads it.
 *
 * @throws RiposteError (IOERR, NOPERM) for a file that cannot be read, and as `download` does
 */
export async function fetchPack(source: string): Promise<Buffer> {
  if (!/^[a-z][a-z\d+.-]*:\/\//i.test(source)) return packIn(resolve(source));
  try {
    return (await download(source, LONGEST_PACK)).bytes ?? Buffer.alloc(0);
  } catch (error) {
    if (!(error instanceof RiposteError) || error.exitCode === EX.USAGE) throw error;
    throw new RiposteError(error.exitCode, `${printable(error.message, 500)}; nothing was changed`);
  }
}

function packIn(file: string): Buffer {
  const bytes = readBytesIfThere(file, { longest: LONGEST_PACK, followsLinks: true });
  if (bytes === undefined) throw fileError('read', file, systemError('ENOENT'));
  return bytes;
}
