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
import { fileError, readIfThere, writeNewFile } from '../../files.ts';
import { withLock } from '../../lock.ts';
import { DEAD_LINE, parseMap } from './map-lines.ts';
import { markChanged } from './mark-changed.ts';

/** Below so many bytes of lines that are no entries any more, nothing is worth a new file. */
const WORTH_IT = 16 * 1024;
/** How long another one that compacts may take, in seconds. */
const LONGEST_WAIT = 10;

/** Edits of the map that is in place. */
export interface Editing {
  deny(addresses: readonly string[]): void;
  allow(addresses: readonly string[]): void;
}

/**
 * Makes the file anew without the lines that are no entries any more, when they are most of it.
 *
 * Nobody's edit is lost: whoever edits looks afterwards whether the file is still the one that he has opened,
 * and does it again in the new one when it is not. So only what came into the old file between our reading it
 * and the new one's taking its place is missed. Whose line changed there is read afterwards; what is to become of
 * it the ledger says, as the next edit may be in the new file by then.
 *
 * @param entries the addresses that the ledger holds
 * @returns what it did, one line each
 */
export function compactMap(path: string, editing: Editing, entries: () => Iterable<string>): string[] {
  if (!isWorthIt(readIfThere(path) ?? '')) return [];
  const file = realpathSync(path); // through a link, it is its file that is replaced
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
      done.push(
        `${file}: ${text.split('\n').length - live.length} lines that were no entries any more are gone`,
      );
    } catch (error) {
      throw fileError('write', file, error);
    } finally {
      closeSync(fd);
    }
  };
  withLock(lock, LONGEST_WAIT, () => false, work);
  return done;
}

/** The addresses that are in one of the two texts only. */
function changedBetween(before: string, after: string): string[] {
  const [old, now] = [new Set(parseMap(before)), new Set(parseMap(after))];
  return [...new Set([...old, ...now])].filter((address) => old.has(address) !== now.has(address));
}

/** Has the file say of these addresses what the ledger does, until that has not changed meanwhile. */
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

/** All of an open file, wherever it has been read to. */
function wholeOf(fd: number): string {
  const bytes = Buffer.alloc(fstatSync(fd).size);
  return bytes.toString('latin1', 0, readSync(fd, bytes, 0, bytes.length, 0));
}

/** Puts a new file of the same owner and mode in its place. */
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
