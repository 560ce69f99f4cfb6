import { readdirSync, readFileSync, statSync } from 'node:fs';
import { writeCopy } from './write-copy.ts';

/** A directory with fewer names is listed each time. */
const FEWEST = 1_000;

/**
 * If a directory's last change is at least this old, in milliseconds, another change surely gets another time: the
 * kernel's clock has advanced.
 */
const SETTLED = 2_000;

/**
 * The names in a directory as `readdirSync` returns them. If the directory has not changed since the last listing,
 * takes them from a copy, because listing 100,000 names takes a tenth of a second. The copy holds the directory's inode
 * change time, which no program can set.
 *
 * @param copy the file of the copy: it may be removed at any time, and is only written if this user may do so
 * @param now in milliseconds
 * @throws a system error
 */
export function listedNames(directory: string, copy: string, now = Date.now()): string[] {
  const state = stateOf(directory, now);
  const copied = state === undefined ? undefined : readCopy(copy, state);
  if (copied) return copied;
  const names = readdirSync(directory);
  // A listing may lack a change that was made during the listing, so such a listing is not kept.
  if (state !== undefined && names.length >= FEWEST && state === stateOf(directory, now))
    keepNames(copy, state, names);
  return names;
}

/** A text that changes with each change of the directory's names; undefined if the last change was a moment ago. */
function stateOf(directory: string, now: number): string | undefined {
  const stats = statSync(directory, { bigint: true, throwIfNoEntry: false });
  if (stats === undefined || Number(stats.ctimeMs) > now - SETTLED) return undefined;
  return `${stats.dev} ${stats.ino} ${stats.ctimeNs}`;
}

/** A name cannot contain a slash, so the last line of a whole copy is not a name. */
const END = '/';

function readCopy(file: string, state: string): string[] | undefined {
  try {
    const names = readFileSync(file, 'utf8').split('\n');
    const isWhole = names.shift() === state && names.pop() === END;
    return isWhole ? names : undefined;
  } catch {
    return undefined;
  }
}

function keepNames(file: string, state: string, names: readonly string[]): void {
  if (!names.some((name) => name.includes('\n'))) writeCopy(file, [state, ...names, END].join('\n'));
}
