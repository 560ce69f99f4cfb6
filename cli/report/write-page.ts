import { lstatSync, type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { EX, RiposteError } from '../../active-response/errors.ts';
import { fileError, isMissing, replaceFile } from '../../active-response/files.ts';
import { printable } from '../../active-response/printable.ts';

/**
 * Refuses a name that no page can be written to: one without its directory, or of a directory, a device, a pipe or a
 * link such as /dev/stdout, which root would replace. @throws RiposteError (USAGE, NOPERM, IOERR)
 */
export function refuseSpecial(file: string): void {
  const directory = dirname(resolve(file));
  if (!ifThere(directory, statSync)?.isDirectory())
    throw new RiposteError(EX.USAGE, `--html: there is no directory ${printable(directory)}`);
  if (ifThere(file, lstatSync)?.isFile() === false)
    throw new RiposteError(
      EX.USAGE,
      `--html needs the name of a file, and ${printable(file)} is no regular one`,
    );
}

function ifThere(path: string, look: (path: string) => Stats): Stats | undefined {
  try {
    return look(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fileError('look at', printable(path), error);
  }
}

/** Writes the page as one step. @returns its bytes @throws RiposteError (IOERR, NOPERM) */
export function writePage(file: string, page: string): number {
  replaceFile(resolve(file), page);
  return Buffer.byteLength(page);
}
