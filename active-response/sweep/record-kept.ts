import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { appendLine, isMissing, readIfThere } from '../../base/files.ts';
import { tryLock } from '../../base/lock.ts';
import type { Home } from '../home.ts';
import { recordKeptEntries } from '../ledger.ts';
import { keptInMemory } from '../unrecorded.ts';

/**
 * Writes the records kept in memory to the disk: entries of every response's ledger, and lines of log and journal. Does
 * nothing while another process writes them.
 *
 * @returns the number of entries
 * @throws RiposteError (IOERR, NOPERM) while the disk cannot be written
 */
export function recordKept(home: Home): number {
  const memory = keptInMemory(home);
  const release = memory && tryLock(join(memory.data, 'lock'));
  if (memory === undefined || release === undefined) return 0;
  try {
    const count = recordKeptEntries(home, memory);
    recordLines(memory.activeResponsesLog, home.activeResponsesLog, 0o660);
    recordLines(memory.journal, home.journal, 0o640);
    return count;
  } finally {
    release();
  }
}

/** Renames the kept file first, so that other processes keep their lines in a new file. */
function recordLines(from: string, to: string, mode: number): void {
  const taken = `${from}.taken`;
  moveLines(taken, to, mode); // left by a killed run
  try {
    renameSync(from, taken);
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  moveLines(taken, to, mode);
}

function moveLines(from: string, to: string, mode: number): void {
  const lines = readIfThere(from);
  if (lines === undefined) return;
  appendLine(to, lines.trimEnd(), mode);
  rmSync(from, { force: true });
}
