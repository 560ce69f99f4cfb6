import type { List } from './lookup.ts';

/** Reads the source of a CDB list: `key:value` lines; `###` begins a comment, lines without a colon are ignored. */
export function readList(text: string): List {
  const list: List = new Map();
  for (const line of text.split('\n')) {
    const entry = withoutComment(line.replace(/\r.*$/s, ''));
    const colon = entry.indexOf(':');
    // If two keys are equal, a lookup in a CDB file finds the first.
    if (colon > 0 && !list.has(entry.slice(0, colon)))
      list.set(entry.slice(0, colon), entry.slice(colon + 1));
  }
  return list;
}

function withoutComment(line: string): string {
  const comment = line.indexOf('###');
  return comment < 0 ? line : line.slice(0, comment).trimEnd();
}

const TABLES = 2048;

/**
 * Reads a compiled CDB file: 256 pointers to hash tables, then the records, each with the lengths of key
 * and value, and the tables after them. See https://cr.yp.to/cdb/cdb.txt
 */
export function readCdb(file: Buffer): List {
  const list: List = new Map();
  if (file.length < TABLES) return list;
  const end = Math.min(file.readUInt32LE(0), file.length);
  let at = TABLES;
  while (at + 8 <= end) {
    const keyLength = file.readUInt32LE(at);
    const valueLength = file.readUInt32LE(at + 4);
    const key = file.toString('latin1', at + 8, at + 8 + keyLength);
    const value = file.toString('latin1', at + 8 + keyLength, at + 8 + keyLength + valueLength);
    if (!list.has(key)) list.set(key, value);
    at += 8 + keyLength + valueLength;
  }
  return list;
}
