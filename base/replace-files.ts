import { spawn } from 'node:child_process';
import { closeSync, fsync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { RiposteError } from './errors.ts';
import { dropTemporary, fileError, openMakingDirectory, systemError, temporaryFor } from './files.ts';
import { lookForProgram } from './find-program.ts';
import { SYNCED_TOGETHER } from './synced-together.ts';

/** The files that `replaceFiles` has not replaced. */
export interface NotReplaced {
  /** The errors, by file. */
  readonly failed: Map<string, RiposteError>;
  /** The files that may not be replaced. */
  readonly left: Set<string>;
}

/** The way in which a batch of files is replaced. */
interface Replacing {
  temporaryOf(file: string): string;
  mayReplace(file: string): boolean;
}

/** The mode of the new files. */
const MODE = 0o640;

/**
 * Replaces many files, each as `replaceFile` does. Syncs them in parallel, which lets the disk combine the work, or
 * syncs their file system once if there are very many.
 *
 * @param mayReplace is called for each file when its new text is on the disk, just before the new file takes its name:
 * another process may have written the old file meanwhile
 */
export async function replaceFiles(
  texts: ReadonlyMap<string, string>,
  mayReplace: (file: string) => boolean = () => true,
): Promise<NotReplaced> {
  const batch = running++ === 0 ? '' : `_${++batches}`;
  const how: Replacing = { temporaryOf: (file) => temporaryFor(file, batch), mayReplace };
  try {
    const isDone = texts.size >= VERY_MANY ? await replaceBySyncfs(texts, how) : undefined;
    return isDone ?? (await replaceByFsync(texts, how));
  } finally {
    running--;
  }
}

/**
 * The number of batches that this thread is writing, and the number of batches that it has begun while it was writing
 * another batch. Such batches may hold the same file, so their temporary files have different names.
 */
let [running, batches] = [0, 0];

/** From this number of files on, one sync of the whole file system costs less than one for each file. */
const VERY_MANY = 350;

/**
 * The time limit of a sync of a whole file system, in milliseconds: it also waits for the data of all other programs.
 */
const PATIENCE = 2_000;

/** The time after a slow sync during which no whole file system is synced again, in milliseconds. */
const PAUSE = 600_000;

/** The end of the present pause, by a monotonic clock. */
let pausesUntil = 0;

/** @returns undefined when the file system cannot be synced as a whole: then this function has replaced no file */
async function replaceBySyncfs(
  texts: ReadonlyMap<string, string>,
  how: Replacing,
): Promise<NotReplaced | undefined> {
  const sync = lookForProgram('sync', process.env.PATH);
  if (sync === undefined || performance.now() < pausesUntil) return undefined;
  const result: NotReplaced = { failed: new Map(), left: new Set() };
  /** The temporary file of each file. */
  const written = new Map<string, string>();
  const fail = (file: string, temporary: string, error: unknown) => {
    dropTemporary(temporary);
    result.failed.set(file, fileError('write', file, error));
  };
  for (const [file, text] of texts) {
    const temporary = how.temporaryOf(file);
    try {
      closeSync(writeTemporary(temporary, text));
      written.set(file, temporary);
    } catch (error) {
      fail(file, temporary, error);
    }
  }
  if (!(await succeeds(sync, ['-f', ...new Set([...written.keys()].map(dirname))]).catch(() => false))) {
    // The host's sync has no -f, a process got no memory, or the disk is slow or failing. fsync tells which file is
    // concerned.
    for (const temporary of written.values()) dropTemporary(temporary);
    return undefined;
  }
  for (const [file, temporary] of written) {
    try {
      giveName(temporary, file, how, result);
    } catch (error) {
      fail(file, temporary, error);
    }
  }
  return result;
}

/** Replaces a file by its temporary file, if it may be replaced. @throws a system error */
function giveName(temporary: string, file: string, { mayReplace }: Replacing, { left }: NotReplaced): void {
  if (mayReplace(file)) renameSync(temporary, file);
  else {
    left.add(file);
    dropTemporary(temporary);
  }
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

async function replaceByFsync(texts: ReadonlyMap<string, string>, how: Replacing): Promise<NotReplaced> {
  const result: NotReplaced = { failed: new Map(), left: new Set() };
  const remaining = [...texts];
  const work = async () => {
    for (let next = remaining.pop(); next !== undefined; next = remaining.pop()) {
      const [file, text] = next;
      const temporary = how.temporaryOf(file);
      try {
        const fd = writeTemporary(temporary, text);
        try {
          await new Promise<void>((resolve, reject) =>
            fsync(fd, (error) => (error ? reject(error) : resolve())),
          );
        } finally {
          closeSync(fd);
        }
        giveName(temporary, file, how, result);
      } catch (error) {
        dropTemporary(temporary);
        result.failed.set(file, fileError('write', file, error));
      }
    }
  };
  await Promise.all(Array.from({ length: SYNCED_TOGETHER }, work));
  return result;
}

/** @returns the open file @throws a system error */
function writeTemporary(temporary: string, text: string): number {
  const fd = openMakingDirectory(temporary, 'wx', MODE, 0o750);
  try {
    if (writeSync(fd, text) !== Buffer.byteLength(text)) throw systemError('ENOSPC');
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
