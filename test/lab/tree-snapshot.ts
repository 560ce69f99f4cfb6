import { createHash } from 'node:crypto';
import { type BigIntStats, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Everything below a directory, by relative path: kind, mode, owners, and contents. */
export type Snapshot = ReadonlyMap<string, string>;

/**
 * @param withTimes includes the times of files, but not of directories, whose times change at each attempt to write there
 */
export function snapshot(root: string, withTimes = false): Snapshot {
  const entries = readdirSync(root, { recursive: true, encoding: 'utf8' });
  // The stand-ins for the manager's programs record their calls in checks.log.
  const paths = entries.filter((path) => !path.endsWith('checks.log')).sort();
  return new Map(['.', ...paths].map((path) => [path, describe(join(root, path), withTimes)]));
}

/** The paths that differ: `+` new, `-` gone, `~` changed. */
export function differences(before: Snapshot, after: Snapshot): string[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  return paths.flatMap((path) => {
    const [was, is] = [before.get(path), after.get(path)];
    return was === is ? [] : `${was === undefined ? '+' : is === undefined ? '-' : '~'} ${path}`;
  });
}

function describe(path: string, withTimes: boolean): string {
  const stats = lstatSync(path, { bigint: true });
  const owners = `${stats.uid}:${stats.gid} ${(stats.mode & 0o7777n).toString(8)}`;
  const times = withTimes && stats.isFile() ? ` ${stats.mtimeNs}` : '';
  return `${owners} ${contents(path, stats)}${times}`;
}

function contents(path: string, stats: BigIntStats): string {
  if (stats.isDirectory()) return 'directory';
  if (stats.isSymbolicLink()) return `-> ${readlinkSync(path)}`;
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
