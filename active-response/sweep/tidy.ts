import { existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { counted } from '../../base/counted.ts';
import { appendLine } from '../../base/files.ts';
import { type ListDirectory, namesIn } from '../../base/names-in.ts';
import { reconcileContext } from '../reconcile-context.ts';
import type { ResponseContext } from '../request-context.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The time for which an ended block's offence number is remembered, in days. */
export const REMEMBERED = 400;

/**
 * Removes one response's obsolete files: temporary files of ended processes, and entries of blocks that ended more
 * than 400 days ago (checked once a day). Also lets the backend shrink its storage.
 *
 * @param now in milliseconds
 * @param list lists the directory of the ledger’s entries
 * @returns a line for each change
 * @throws RiposteError (IOERR, NOPERM)
 */
export function tidy(context: ResponseContext, now = Date.now(), list?: ListDirectory): string[] {
  const { home, response, settings, dryRun } = context;
  if (dryRun) return [];
  const blocks = join(home.blocks, response.name);
  const ended = join(home.ended, response.name);
  const isOld = (file: string) => ageOf(file, now) > HOUR;
  const unfinished = [
    ...removeFrom(blocks, isUnfinished, isOld, list),
    ...[ended, join(home.data, 'index'), home.apache].flatMap((directory) =>
      removeFrom(directory, isUnfinished, isOld),
    ),
  ];
  const { backendOf, executor } = reconcileContext(context);
  // If this response has no ledger, the backend's entries belong to another home, which may use the same file.
  const chosen = existsSync(blocks)
    ? attemptToChoose(() => response.choose(settings, context.env))
    : undefined;
  const old = forgetOld(ended, now);
  return [
    ...told(unfinished.length, counted(unfinished.length, 'unfinished temporary file')),
    ...told(old, `${counted(old, 'entry', 'entries')} that ended more than ${REMEMBERED} days ago`),
    ...(chosen === undefined ? [] : (backendOf(chosen).tidy?.(executor) ?? [])),
  ];
}

const told = (count: number, what: string): string[] => (count === 0 ? [] : [`removed ${what}`]);

/** An entry's inode change time is the time when it was moved here. */
function forgetOld(directory: string, now: number): number {
  const stamp = join(directory, '.looked-at');
  if (namesIn(directory).length === 0 || ageOf(stamp, now) < DAY) return 0;
  const removed = removeFrom(
    directory,
    (name) => name.endsWith('.json'),
    (file) => ageOf(file, now) > REMEMBERED * DAY,
  );
  rmSync(stamp, { force: true });
  appendLine(stamp, 'the last search for old entries wrote this file');
  return removed.length;
}

/**
 * True for a file like `.203.0.113.9.json.4711.tmp`, of a process that has ended or has this process's id: in a
 * container each server has the same id, and the caller only removes files that no process still writes.
 */
function isUnfinished(name: string): boolean {
  const [, pid] = name.endsWith('.tmp') ? (/\.(\d+)(?:-\w+)?\.tmp$/.exec(name) ?? []) : [];
  if (pid === undefined) return false;
  if (Number(pid) === process.pid) return true;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

function removeFrom(
  directory: string,
  mayBe: (name: string) => boolean,
  isNeedless: (file: string) => boolean,
  list?: ListDirectory,
): string[] {
  const files = namesIn(directory, list)
    .filter(mayBe)
    .map((name) => join(directory, name))
    .filter(isNeedless);
  for (const file of files) rmSync(file, { force: true });
  return files;
}

/** Milliseconds since a file was last changed or renamed; infinite when it does not exist. */
function ageOf(file: string, now: number): number {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats === undefined ? Number.POSITIVE_INFINITY : now - stats.ctimeMs;
}

function attemptToChoose(choose: () => string): string | undefined {
  try {
    return choose();
  } catch {
    return undefined; // this host has no backend
  }
}
