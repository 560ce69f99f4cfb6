import { constants, statSync } from 'node:fs';
import { EX, RiposteError } from '../../base/errors.ts';

/** The flags for opening a log: without waiting for a writer if a pipe is in its place. */
export const READ = constants.O_RDONLY | constants.O_NONBLOCK;

/** The error for a directory, a pipe or a device in place of a log. */
export function noFile(path: string): RiposteError {
  const isDirectory = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  const instead = isDirectory ? `; name the logs in it (${path}/*.log)` : '';
  return new RiposteError(EX.IOERR, `cannot read ${path}: it is not a regular file${instead}`);
}
