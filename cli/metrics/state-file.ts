import { dirname, join } from 'node:path';
import { makeDirectory, readIfThere, replaceFile } from '../../active-response/files.ts';
import type { Home } from '../../active-response/home.ts';
import { isPosition, type Position } from '../logs/position.ts';
import { type Counts, noCounts } from './counts.ts';
import { COUNTING, type Dropped } from './traffic.ts';

/**
 * What has been counted so far, and up to where: journal and log are read once, however often somebody asks, and
 * counters go on when they are rotated away. Counts and positions are in one file, replaced as one step, so a crash
 * counts nothing twice; nor do two who count at once, as each goes on from what it has read itself.
 */
export interface Counted {
  readonly counts: Counts;
  /** How far the journal is counted; undefined: not at all yet. */
  readonly journal?: Position | undefined;
  /** How far active-responses.log is. */
  readonly log?: Position | undefined;
  /** By the name of the backend. */
  readonly dropped: Readonly<Record<string, Dropped>>;
}

export const countedFile = (home: Home): string => join(dirname(home.journal), 'metrics.json');

/** @param warn takes why the file is of no use: then all is counted anew @throws RiposteError (IOERR, NOPERM) */
export function readCounted(home: Home, warn: (message: string) => void): Counted {
  const file = countedFile(home);
  const text = readIfThere(file);
  const counted = text === undefined ? { counts: noCounts(), dropped: {} } : countedIn(text);
  if (counted) return counted;
  warn(`${file} is damaged: counting begins anew, with what journal and log have now`);
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
    for (const [response, known] of Object.entries(all)) take(known, counts[response]);
    const sums = Object.entries(dropped).filter(([name, each]) => name in COUNTING && isDropped(each));
    return { counts: all, journal, log, dropped: Object.fromEntries(sums) as Record<string, Dropped> };
  } catch {
    return undefined;
  }
}

/** What of the numbers is there and a number. */
function take(into: object, from: unknown): void {
  if (!isObject(from)) return;
  const own = into as Record<string, unknown>;
  for (const [key, value] of Object.entries(from)) {
    if (key === '__proto__') continue;
    if (isObject(own[key])) take(own[key], value);
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
