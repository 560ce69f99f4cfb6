import { spawn } from 'node:child_process';
import { closeSync, fsync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { RiposteError } from './errors.ts';
import { dropTemporary, fileError, openMakingDirectory, systemError, temporaryFor } from './files.ts';
import { lookForProgram } from './find-program.ts';
import { SYNCED_TOGETHER } from './synced-together.ts';

/**
 * Replaces many files, each as `replaceFile` does. Syncs them in parallel, which lets the disk combine the work, or
 * syncs their file system once if there are very many.
 *
 * @returns the errors, by file
 */
export async function replaceFiles(
  texts: ReadonlyMap<string, string>,
  mode = 0o640,
): Promise<Map<string, RiposteError>> {
  const isDone = texts.size >= VERY_MANY ? await replaceBySyncfs(texts, mode) : undefined;
  return isDone ?? replaceByFsync(texts, mode);
}

/** From this number of files on, one sync of the whole file system costs less than one for each file. */
const VERY_MANY = 350;

/** The time limit of that sync, in milliseconds: it also waits for the data of all other programs. */
const PATIENCE = 2_000;

/** The time for which a file system that was slow is not synced as a whole again, in milliseconds. */
const PAUSE = 600_000;

/** The end of that time, by a monotonic clock. */
let pausesUntil = 0;

/** @returns the errors; undefined when the file system cannot be synced: then no file is replaced */
async function replaceBySyncfs(
  texts: ReadonlyMap<string, string>,
  mode: number,
): Promise<Map<string, RiposteError> | undefined> {
  const sync = lookForProgram('sync', process.env.PATH);
  if (sync === undefined || performance.now() < pausesUntil) return undefined;
  const failed = new Map<string, RiposteError>();
  /** The temporary file of each. */
  const written = new Map<string, string>();
  const fail = (file: string, temporary: string, error: unknown) => {
    dropTemporary(temporary);
    failed.set(file, fileError('write', file, error));
  };
  for (const [file, text] of texts) {
    const temporary = temporaryFor(file);
    try {
      closeSync(writeTemporary(temporary, text, mode));
      written.set(file, temporary);
    } catch (error) {
      fail(file, temporary, error);
    }
  }
  if (!(await succeeds(sync, ['-f', ...new Set([...written.keys()].map(dirname))]).catch(() => false))) {
    // A sync without -f, no memory for a process, a slow disk, or a disk's error: fsync tells which file it concerns.
    for (const temporary of written.values()) dropTemporary(temporary);
    return undefined;
  }
  for (const [file, temporary] of written) {
    try {
      renameSync(temporary, file);
    } catch (error) {
      fail(file, temporary, error);
    }
  }
  return failed;
}

/** Does not wait for the end of a killed program: the kernel may hold it for as long as the disk is slow. */
function succeeds(program: string, args: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'ignore' });
    const timer = setTimeout(() => {
      pausesUntil = performance.now() + PAUSE;
      child.kill('SIGKILL');
      child.unref();
      resolve(false);
    }, PATIENCE);
    const end = (isDone: boolean) => {
      clearTimeout(timer);
      resolve(isDone);
    };
    child.on('error', () => end(false));
    child.on('exit', (code) => end(code === 0));
  });
}

async function replaceByFsync(
  texts: ReadonlyMap<string, string>,
  mode: number,
): Promise<Map<string, RiposteError>> {
  const failed = new Map<string, RiposteError>();
  const remaining = [...texts];
  const work = async () => {
    for (let next = remaining.pop(); next !== undefined; next = remaining.pop()) {
      const [file, text] = next;
      const temporary = temporaryFor(file);
      try {
        const fd = writeTemporary(temporary, text, mode);
        try {
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

/** @returns the open file @throws a system error */
function writeTemporary(temporary: string, text: string, mode: number): number {
  const fd = openMakingDirectory(temporary, 'wx', mode, 0o750);
  try {
    if (writeSync(fd, text) !== Buffer.byteLength(text)) throw systemError('ENOSPC');
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
