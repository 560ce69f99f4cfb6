/** Decodes a log line for display: the engine handles lines as byte strings. */
export function utf8(bytes: string): string {
  return isAscii(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString('utf8');
}

/** Most lines are ASCII, and the test costs less than decoding. */
const isAscii = (bytes: string): boolean => !/[\x80-\xff]/.test(bytes);
