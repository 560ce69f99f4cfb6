/**
 * Copies a text of bytes (latin1). A slice of a line keeps the whole line, and the chunk that was read with it, in memory, so anything
 * that is kept for longer than the line must be copied.
 */
export function ownCopy(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('latin1');
}
