import { readlinkSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { lstatIfThere } from './files.ts';

/** The maximum number of links to follow: the kernel's own limit. */
const MOST = 40;

/**
 * Follows a path that is itself a link, but does not resolve links among its directories: /var/ossec is often a link to
 * a larger disk, and the disk may change.
 */
export function followed(path: string): string {
  let at = resolve(path);
  for (let count = 0; count < MOST && lstatIfThere(at)?.isSymbolicLink(); count++)
    at = resolve(dirname(at), readlinkSync(at));
  return at;
}
