import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** The longest configuration file, in bytes. */
export const MAX_FILE = 1024 * 1024;

/** A path for node:fs, from a configuration's bytes (latin1). */
export const pathFrom = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('utf8');

/** The host's files and programs for the readers of configurations. No method throws. */
export interface ConfigurationHost {
  /** The text (latin1) of a regular file, or the reason why it was not read; undefined if there is none. */
  read(path: string): { readonly text: string } | { readonly problem: string } | undefined;
  /** The names in a directory, sorted; undefined if it is not a directory or cannot be read. */
  list(directory: string): readonly string[] | undefined;
  /** A path with the links in its existing directories resolved. */
  realPath(path: string): string;
  /** Runs a program; undefined if it does not exist, may not be run, or takes too long. */
  run(program: string, args: readonly string[]): ProgramResult | undefined;
}

/** A program's output, its bytes as latin1. */
export interface ProgramResult {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * The host whose file system is at `root`.
 *
 * @param run starts programs; without it, the host has no programs (as for another root)
 */
export function hostAt(root: string, run?: ConfigurationHost['run']): ConfigurationHost {
  const outside = (path: string): string => (root === '/' ? path : join(root, path));
  const inside = (path: string): string | undefined => {
    if (root === '/') return path;
    return path === root ? '/' : path.startsWith(`${root}/`) ? path.slice(root.length) : undefined;
  };
  const resolved = (path: string): string | undefined => inside(realpathSync(outside(path)));
  return {
    read(path) {
      try {
        const file = resolved(path);
        if (file === undefined) return { problem: `is a link that leads out of ${root}` };
        return readText(outside(file));
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : { problem: `cannot be read (${code})` };
      }
    },
    list(directory) {
      try {
        const place = resolved(directory);
        if (place === undefined || !statSync(outside(place)).isDirectory()) return undefined;
        return readdirSync(outside(place)).sort();
      } catch {
        return undefined;
      }
    },
    realPath: (path) => realPathOf(path, resolved),
    run: run ?? (() => undefined),
  };
}

/** Refuses a pipe or a device, because reading it could wait for ever. */
function readText(file: string): { text: string } | { problem: string } {
  const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) return { problem: 'is not a regular file' };
    if (stats.size > MAX_FILE) return { problem: 'is longer than 1 MB' };
    const bytes = Buffer.alloc(stats.size);
    return { text: bytes.toString('latin1', 0, readSync(fd, bytes, 0, bytes.length, 0)) };
  } finally {
    closeSync(fd);
  }
}

/** Resolves only directories: the log may not exist yet, and a link in its place may change its target. */
function realPathOf(path: string, resolved: (path: string) => string | undefined): string {
  const directory = dirname(path);
  if (directory === path) return path;
  try {
    return join(resolved(directory) ?? directory, basename(path));
  } catch {
    return join(realPathOf(directory, resolved), basename(path));
  }
}
