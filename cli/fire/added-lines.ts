import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { fileError, isMissing } from '../../base/files.ts';

/** The size of a file; 0 when it is missing. */
export const lengthOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/** The maximum number of bytes of added lines to read. */
const MOST = 65_536;

/** The lines that were added to a file since it had this size; all lines when it is smaller now. */
export function linesAddedTo(file: string, before: number): string[] {
  try {
    const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const { size } = fstatSync(fd);
      const start = size < before ? 0 : before;
      const bytes = Buffer.alloc(Math.min(size - start, MOST));
      readSync(fd, bytes, 0, bytes.length, start);
      return bytes.toString().split('\n').filter(Boolean);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (isMissing(error)) return [];
    throw fileError('read', file, error);
  }
}
