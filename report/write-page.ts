import { lstatSync, type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { EX, RiposteError } from '../base/errors.ts';
import { fileError, isMissing, replaceFile } from '../base/files.ts';
import { printable } from '../base/printable.ts';

/**
 * Refuses a path to which no page can be written: a path in a missing directory, a directory, a device, a pipe, or a
 * link such as /dev/stdout, which root would replace. @throws RiposteError (USAGE, NOPERM, IOERR)
 */
export function refuseSpecial(file: string): void {
  const directory = dirname(resolve(file));
  if (!ifThere(directory, statSync)?.isDirectory())
    throw new RiposteError(EX.USAGE, `--html: there is no directory ${printable(directory)}`);
  if (ifThere(file, lstatSync)?.isFile() === false)
    throw new RiposteError(EX.USAGE, `--html: ${printable(file)} is not a regular file`);
}

function ifThere(path: string, look: (path: string) => Stats): Stats | undefined {
  try {
    return look(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fileError('look at', printable(path), error);
  }
}

/** Writes the page atomically. @returns its size in bytes @throws RiposteError (IOERR, NOPERM) */
export function writePage(file: string, page: string): number {
  replaceFile(resolve(file), page);
  return Buffer.byteLength(page);
}
