import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

/** The directories of Debian's administration programs, which a user's PATH may lack. */
export const PATH = `${process.env.PATH}:/usr/sbin:/sbin`;

/** The given programs that cannot be run here. */
export function missing(...programs: string[]): string[] {
  const isThere = (file: string) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  };
  return programs.filter(
    (program) => !PATH.split(':').some((directory) => isThere(join(directory, program))),
  );
}
