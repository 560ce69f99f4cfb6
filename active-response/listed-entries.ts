import type { Stats } from 'node:fs';
import { lstatIfThere, readIfThere } from '../base/files.ts';
import { jsonIn } from '../base/json.ts';
import { type EntryReader, entriesOf, entryFor, isShared, LONGEST } from './ledger.ts';

/**
 * Returns a reader for names that were just listed. The reader reads each shared file once and remembers its entries.
 * It recognizes the file under another name by inode and modification time. Use the reader only for a short time.
 */
export function listedEntries(): EntryReader {
  const known = new Map<string, ReturnType<typeof entriesOf>>();
  const keyOf = ({ ino, mtimeMs }: Stats) => `${ino} ${mtimeMs}`;
  return (file) => {
    const stats = known.size > 0 ? lstatIfThere(file) : undefined;
    const shared = stats && known.get(keyOf(stats));
    if (shared) return entryFor(file, shared);
    let key = '';
    const look = (seen: Stats) => {
      key = keyOf(seen);
    };
    const text = readIfThere(file, { longest: LONGEST, isListed: true, look });
    if (text === undefined) return undefined;
    if (!isShared(text)) return entryFor(file, jsonIn(text));
    const entries = entriesOf(text);
    known.set(key, entries);
    return entryFor(file, entries);
  };
}
