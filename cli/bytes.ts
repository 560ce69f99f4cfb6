/** Log lines are byte strings inside the engine; this is how one looks to a person. */
export function utf8(bytes: string): string {
  return isAscii(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString('utf8');
}

/** Most are, and to see that takes less than to decode them. */
const isAscii = (bytes: string): boolean => !/[\x80-\xff]/.test(bytes);
