import { gunzipSync, gzipSync } from 'node:zlib';

/**
 * Compresses a value into one string. Uncompressed, the values would be nearly half of the built program, which Node
 * reads and scans at each start.
 */
export const packed = (value: unknown): string =>
  gzipSync(JSON.stringify(value), { level: 9 }).toString('base64');

/** Returns the value that `packed` has compressed. */
export const unpacked = (text: string): unknown =>
  JSON.parse(gunzipSync(Buffer.from(text, 'base64')).toString());
