/**
 * The same text in memory of its own. A piece of a line keeps alive the line, and with it all that was read
 * together with it: what is remembered for longer than the line must be copied.
 */
export function ownCopy(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('latin1');
}
