import {
  chmodSync,
  chownSync,
  closeSync,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileError, readIfThere, writeNewFile } from '../../../base/files.ts';
import { withLock } from '../../../base/lock.ts';
import { DEAD_LINE, parseMap } from './map-lines.ts';
import { markChanged } from './mark-changed.ts';

/** If the commented-out entries have fewer bytes than this, a new file is not worthwhile. */
const WORTH_IT = 16 * 1024;
/** The time to wait for another process that compacts the file, in seconds. */
const LONGEST_WAIT = 10;

/** Edits of the current map. */
export interface Editing {
  deny(addresses: readonly string[]): void;
  allow(addresses: readonly string[]): void;
}

/**
 * Replaces the map by one without its commented-out entries, if these are most of it.
 *
 * No edit is lost: after each edit a process checks whether the path still names the file that it opened, and if not,
 * repeats the edit in the new file. So the new file lacks only the edits that were made and checked after compactMap
 * read the old file, but before compactMap put the new file in its place. Therefore compactMap reads the old file again
 * to find the addresses of these edits, and takes their state from the ledger, because a later edit may already be in
 * the new file.
 *
 * @param entries the addresses in the ledger
 * @returns a line about the removed entries; empty if the map was not replaced
 */
export function compactMap(path: string, editing: Editing, entries: () => Iterable<string>): string[] {
  if (!isWorthIt(readIfThere(path, { followsLinks: true }) ?? '')) return [];
  const file = realpathSync(path); // if the path is a link, replace its target
  const done: string[] = [];
  const lock = join(dirname(file), `.${basename(file)}.lock`);
  const work = () => {
    const fd = openSync(file, 'r');
    try {
      const text = readFileSync(fd, 'latin1');
      if (!isWorthIt(text)) return;
      const live = text.split('\n').filter((line) => !DEAD_LINE.test(line));
      replace(file, live.join('\n'));
      agree(changedBetween(text, wholeOf(fd)), editing, entries);
      done.push(`${file}: removed ${text.split('\n').length - live.length} commented-out lines`);
    } catch (error) {
      throw fileError('write', file, error);
    } finally {
      closeSync(fd);
    }
  };
  withLock(lock, LONGEST_WAIT, () => false, work);
  return done;
}

/** The addresses that only one of the two texts contains. */
function changedBetween(before: string, after: string): string[] {
  const [old, now] = [new Set(parseMap(before)), new Set(parseMap(after))];
  return [...new Set([...old, ...now])].filter((address) => old.has(address) !== now.has(address));
}

/** Makes the file agree with the ledger for these addresses. If the ledger changes meanwhile, edits the file again. */
export function agree(
  addresses: readonly string[],
  { deny, allow }: Editing,
  entries: () => Iterable<string>,
): void {
  if (addresses.length === 0) return;
  for (let told: string | undefined; ; ) {
    const ledger = new Set(entries());
    const [wanted, unwanted] = [true, false].map((is) => addresses.filter((each) => ledger.has(each) === is));
    if (told === wanted?.join()) return;
    if (wanted?.length) deny(wanted);
    if (unwanted?.length) allow(unwanted);
    told = wanted?.join();
  }
}

function isWorthIt(text: string): boolean {
  const dead = text
    .split('\n')
    .reduce((bytes, line) => bytes + (DEAD_LINE.test(line) ? line.length + 1 : 0), 0);
  return dead > WORTH_IT && dead > text.length / 2;
}

/** The whole text of an open file, from any read position. */
function wholeOf(fd: number): string {
  const bytes = Buffer.alloc(fstatSync(fd).size);
  return bytes.toString('latin1', 0, readSync(fd, bytes, 0, bytes.length, 0));
}

/** Replaces the file by a new one with the same owner and mode. */
function replace(file: string, text: string): void {
  const temporary = join(dirname(file), `.${basename(file)}.${process.pid}.tmp`);
  const { mode, uid, gid } = statSync(file);
  try {
    writeNewFile(temporary, text, { mode: 0o600, directoryMode: 0o755 });
    chownSync(temporary, uid, gid);
    chmodSync(temporary, mode & 0o777);
    const fd = openSync(temporary, 'r+');
    markChanged(fd);
    closeSync(fd);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
