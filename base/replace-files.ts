import { closeSync, fsync, renameSync, writeSync } from 'node:fs';
import type { RiposteError } from './errors.ts';
import { dropTemporary, fileError, openMakingDirectory, systemError, temporaryFor } from './files.ts';

/**
 * Replaces many files, each as `replaceFile` does. Syncs them in parallel, so that the disk combines the work.
 *
 * @returns the errors, by file
 */
export async function replaceFiles(
  texts: ReadonlyMap<string, string>,
  mode = 0o640,
): Promise<Map<string, RiposteError>> {
  const failed = new Map<string, RiposteError>();
  const remaining = [...texts];
  const work = async () => {
    for (let next = remaining.pop(); next !== undefined; next = remaining.pop()) {
      const [file, text] = next;
      const temporary = temporaryFor(file);
      try {
        const fd = openMakingDirectory(temporary, 'wx', mode, 0o750);
        try {
          if (writeSync(fd, text) !== Buffer.byteLength(text)) throw systemError('ENOSPC');
          await new Promise<void>((resolve, reject) =>
            fsync(fd, (error) => (error ? reject(error) : resolve())),
          );
        } finally {
          closeSync(fd);
        }
        renameSync(temporary, file);
      } catch (error) {
        dropTemporary(temporary);
        failed.set(file, fileError('write', file, error));
      }
    }
  };
  await Promise.all(Array.from({ length: SYNCED_TOGETHER }, work));
  return failed;
}

/** The number of files that are synced at a time: the size of the daemon's thread pool. */
export const SYNCED_TOGETHER = 32;
