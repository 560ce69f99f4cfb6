import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Place } from '../active-response/circumstances.ts';
import { appendLine } from '../active-response/files.ts';
import { settlingOf } from '../active-response/respond.ts';
import { namesIn } from './names-in.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** How long the number of an offence is remembered after a block has ended, in days. */
export const REMEMBERED = 400;

/**
 * Removes what nobody needs any more of one response's files: entries that no process has finished writing,
 * the memory of blocks that ended more than 400 days ago (looked for once a day), and what a backend can make
 * smaller.
 *
 * @param now in milliseconds
 * @returns what it did, one line each @throws RiposteError (IOERR, NOPERM)
 */
export function tidy(place: Place, now = Date.now()): string[] {
  const { home, response, settings, dryRun } = place;
  if (dryRun) return [];
  const ended = join(home.ended, response.name);
  const unfinished = [join(home.blocks, response.name), ended, home.apache].flatMap((directory) =>
    removeFrom(directory, (name, file) => isUnfinished(name) && ageOf(file, now) > HOUR),
  );
  const { backendOf, executor } = settlingOf(place);
  const chosen = attemptToChoose(() => response.choose(settings, place.env));
  return [
    ...told(unfinished.length, 'unfinished temporary files'),
    ...told(forgetOld(ended, now), `entries that ended more than ${REMEMBERED} days ago`),
    ...(chosen === undefined ? [] : (backendOf(chosen).tidy?.(executor) ?? [])),
  ];
}

const told = (count: number, what: string): string[] => (count === 0 ? [] : [`removed ${count} ${what}`]);

/** The time of its last change tells when an entry came here. */
function forgetOld(directory: string, now: number): number {
  const stamp = join(directory, '.looked-at');
  if (namesIn(directory).length === 0 || ageOf(stamp, now) < DAY) return 0;
  const removed = removeFrom(
    directory,
    (name, file) => name.endsWith('.json') && ageOf(file, now) > REMEMBERED * DAY,
  );
  rmSync(stamp, { force: true });
  appendLine(stamp, 'old entries were looked for when this was written');
  return removed.length;
}

/** `.203.0.113.9.json.4711.tmp`, of a process that is gone. */
function isUnfinished(name: string): boolean {
  const [, pid] = /\.(\d+)\.tmp$/.exec(name) ?? [];
  if (pid === undefined) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

function removeFrom(directory: string, isNeedless: (name: string, file: string) => boolean): string[] {
  const files = namesIn(directory).flatMap((name) => {
    const file = join(directory, name);
    return isNeedless(name, file) ? file : [];
  });
  for (const file of files) rmSync(file, { force: true });
  return files;
}

/** Milliseconds since the last change of a file, or of its name; endless for one that is not there. */
function ageOf(file: string, now: number): number {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats === undefined ? Number.POSITIVE_INFINITY : now - stats.ctimeMs;
}

function attemptToChoose(choose: () => string): string | undefined {
  try {
    return choose();
  } catch {
    return undefined; // a host without any backend
  }
}
