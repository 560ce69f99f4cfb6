import { join } from 'node:path';
import { readIfThere } from '../base/files.ts';

/** The name of a group on the host at `root`, or its number if it has none. */
export function groupName(gid: number, root: string): string {
  const lines = (readIfThere(join(root, 'etc/group')) ?? '').split('\n').map((line) => line.split(':'));
  return lines.find(([, , id]) => id === String(gid))?.[0] ?? String(gid);
}
