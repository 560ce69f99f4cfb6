/** Reused by all copies: a buffer for each would cost more than the copy. */
const scratch = Buffer.allocUnsafeSlow(1024);

/**
 * Copies a text of bytes (latin1). A slice of a line keeps in memory the whole line and the chunk that contained it. So
 * any slice that is kept for longer than the line must be copied.
 */
export function ownCopy(bytes: string): string {
  if (bytes.length > scratch.length) return Buffer.from(bytes, 'latin1').toString('latin1');
  return scratch.toString('latin1', 0, scratch.write(bytes, 'latin1'));
}
