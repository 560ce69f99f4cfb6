import { lstatSync, type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { EX, RiposteError } from '../../active-response/errors.ts';
import { replaceFile } from '../../active-response/files.ts';
import { printable } from '../../active-response/printable.ts';

/**
 * Refuses a name that no page can be written to: one without its directory, or of a directory, a device, a pipe or a
 * link such as /dev/stdout, which root would replace. @throws RiposteError (USAGE)
 */
export function refuseSpecial(file: string): void {
  const stats = lstatAt(file);
  if (stats !== undefined && !stats.isFile())
    throw new RiposteError(
      EX.USAGE,
      `--html needs the name of a file, and ${printable(file)} is no regular one`,
    );
  if (!statSync(dirname(resolve(file)), { throwIfNoEntry: false })?.isDirectory())
    throw new RiposteError(EX.USAGE, `--html: there is no directory ${printable(dirname(resolve(file)))}`);
}

function lstatAt(file: string): Stats | undefined {
  try {
    return lstatSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined; // a part of the path is no directory
  }
}

/** Writes the page as one step. @returns its bytes @throws RiposteError (IOERR, NOPERM) */
export function writePage(file: string, page: string): number {
  replaceFile(resolve(file), page);
  return Buffer.byteLength(page);
}
