import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { dropTemporary, temporaryFor } from './files.ts';

/**
 * Replaces a file in one step, if this user may do so. Use it for a copy of data that exists elsewhere: the copy is not
 * synced, and without it the reader is only slower.
 *
 * @returns true if it was written
 */
export function writeCopy(file: string, text: string): boolean {
  const temporary = temporaryFor(file);
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o750 });
    writeFileSync(temporary, text, { mode: 0o640 });
    renameSync(temporary, file);
    return true;
  } catch {
    dropTemporary(temporary);
    return false;
  }
}
