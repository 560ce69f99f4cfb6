import { statSync } from 'node:fs';
import { join } from 'node:path';
import { readIfThere } from '../../active-response/files.ts';
import type { Box } from './box.ts';

/**
 * The process that says that it answers scripts. It is heard while it runs and holds the bell: so do the scripts
 * look (`is_heard` in active-response/client.sh).
 */
export function answeredBy({ root, bell }: Pick<Box, 'root' | 'bell'>) {
  const [pid, ear] = (readIfThere(join(root, 'pid')) ?? '').trim().split(' ').map(Number);
  if (!pid) return undefined;
  const [held, there] = [`/proc/${pid}/fd/${ear}`, bell].map((file) =>
    statSync(file, { throwIfNoEntry: false }),
  );
  return { pid, isHeard: held !== undefined && held.ino === there?.ino && held.dev === there.dev };
}
