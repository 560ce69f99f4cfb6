import { dirname, join } from 'node:path';
import type { Home } from '../active-response/home.ts';
import { allBackends } from '../active-response/response/all-backends.ts';
import { makeDirectory, readIfThere, replaceFile } from '../base/files.ts';
import { isPosition, type Position } from '../logs/files/position.ts';
import { type Counts, classesOf, noCounts } from './counts.ts';
import type { Dropped } from './traffic.ts';

/**
 * The counts so far, and the positions up to which journal and log are counted. So each line is read once, and
 * counters survive rotation. One file holds counts and positions and is replaced atomically, so neither a crash nor
 * two concurrent collections count an event twice: each collection continues from the counts that it has read itself.
 */
export interface Counted {
  readonly counts: Counts;
  /** The position up to which the journal is counted; undefined before the first count. */
  readonly journal?: Position | undefined;
  /** The position up to which active-responses.log is counted; undefined before the first count. */
  readonly log?: Position | undefined;
  /** Dropped traffic by the backend's name. */
  readonly dropped: Readonly<Record<string, Dropped>>;
}

export const countedFile = (home: Home): string => join(dirname(home.journal), 'metrics.json');

/** @param warn takes a message if the file is damaged, and counting begins anew @throws RiposteError (IOERR, NOPERM) */
export function readCounted(home: Home, warn: (message: string) => void): Counted {
  const file = countedFile(home);
  const text = readIfThere(file);
  const counted = text === undefined ? { counts: noCounts(), dropped: {} } : countedIn(text);
  if (counted) return counted;
  warn(`${file} is damaged: Riposte counts the present journal and log anew`);
  return { counts: noCounts(), dropped: {} };
}

/** @throws RiposteError (IOERR, NOPERM) */
export function writeCounted(home: Home, counted: Counted): void {
  const file = countedFile(home);
  makeDirectory(dirname(file), 0o755);
  replaceFile(file, `${JSON.stringify(counted)}\n`);
}

function countedIn(text: string): Counted | undefined {
  try {
    const { counts, journal, log, dropped } = JSON.parse(text);
    const arePositions = [journal, log].every((each) => each === undefined || isPosition(each));
    if (!arePositions || !isObject(counts) || !isObject(dropped)) return undefined;
    const all = noCounts();
    for (const [response, known] of Object.entries(all)) {
      const saved = counts[response];
      copyNumbers(known, saved);
      // If an earlier version wrote the file, the file has no counts by class.
      if (!isObject(saved) || !isObject(saved.classes)) Object.assign(known.classes, classesOf(known.blocks));
    }
    const backends = new Set(allBackends().map(({ name }) => name));
    const sums = Object.entries(dropped).filter(([name, each]) => backends.has(name) && isDropped(each));
    return { counts: all, journal, log, dropped: Object.fromEntries(sums) as Record<string, Dropped> };
  } catch {
    return undefined;
  }
}

/** Copies the valid numbers; a damaged number stays 0. */
function copyNumbers(into: object, from: unknown): void {
  if (!isObject(from)) return;
  const own = into as Record<string, unknown>;
  for (const [key, value] of Object.entries(from)) {
    if (key === '__proto__') continue;
    if (isObject(own[key])) copyNumbers(own[key], value);
    else if (isNumber(value)) own[key] = value;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isNumber = (value: unknown): boolean => Number.isFinite(value) && Number(value) >= 0;

const isDropped = (value: unknown): boolean =>
  isObject(value) &&
  isObject(value.seen) &&
  [value, value.seen].every(({ packets, bytes }) => isNumber(packets) && isNumber(bytes));
