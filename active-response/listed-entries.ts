import type { Stats } from 'node:fs';
import { lstatIfThere, readIfThere } from '../base/files.ts';
import { type EntryReader, entryIn, LONGEST } from './ledger.ts';

/**
 * Returns a reader for names that were just listed. The reader reads each file of several names once and remembers its
 * text. It recognizes the file under another name by inode and modification time. Use the reader only for a short time.
 */
export function listedEntries(): EntryReader {
  const known = new Map<string, string>();
  const keyOf = ({ ino, mtimeMs }: Stats) => `${ino} ${mtimeMs}`;
  return (file) => {
    const stats = known.size > 0 ? lstatIfThere(file) : undefined;
    const shared = stats && known.get(keyOf(stats));
    if (shared !== undefined) return entryIn(file, shared);
    let key: string | undefined;
    const look = (seen: Stats) => {
      // A copy of the ledger by a program that does not keep hard links has a long file for each name.
      if (seen.nlink > 1) key = keyOf(seen);
    };
    const text = readIfThere(file, { longest: LONGEST, isListed: true, look });
    if (text === undefined) return undefined;
    if (key !== undefined) known.set(key, text);
    return entryIn(file, text);
  };
}
