import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { EX, RiposteError } from './errors.ts';

/** The absolute path of a directory that an operator has named. @throws RiposteError (USAGE) when it is missing */
export function existingDirectory(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return resolve(path);
  throw new RiposteError(EX.USAGE, `there is no directory ${path}`);
}
