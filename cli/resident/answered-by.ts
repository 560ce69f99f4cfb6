import { statSync } from 'node:fs';
import { readIfThere } from '../../active-response/files.ts';
import type { Box } from './box.ts';

/**
 * The process that says that it answers scripts. It is heard while it runs and holds the bell: so do the scripts
 * look (`is_heard` in active-response/client.sh).
 */
export function answeredBy({ pid: file, bell }: Pick<Box, 'pid' | 'bell'>) {
  const [pid, ear] = (readIfThere(file) ?? '').trim().split(' ').map(Number);
  if (!pid) return undefined;
  const [held, there] = [`/proc/${pid}/fd/${ear}`, bell].map((path) =>
    statSync(path, { throwIfNoEntry: false }),
  );
  return { pid, isHeard: held !== undefined && held.ino === there?.ino && held.dev === there.dev };
}
