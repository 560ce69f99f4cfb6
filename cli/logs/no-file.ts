import { constants } from 'node:fs';
import { EX, RiposteError } from '../../active-response/errors.ts';

/** How a log is opened: a pipe in its place would keep us waiting for somebody who writes to it. */
export const READ = constants.O_RDONLY | constants.O_NONBLOCK;

/** For a directory, a pipe or a device in the place of a log. */
export const noFile = (path: string): RiposteError =>
  new RiposteError(EX.IOERR, `cannot read ${path}: it is no file`);
