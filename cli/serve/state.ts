import { open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RiposteError } from '../../active-response/errors.ts';
import { readIfThere } from '../../active-response/files.ts';
import type { Home } from '../../active-response/home.ts';
import { type Position, type Positions, positionsFile, readPositions } from '../logs/position.ts';
import type { Counters } from './report-socket.ts';

/** What a running server says of itself, for `riposte serve --status`, report and metrics. */
export interface State {
  readonly pid: number;
  /** ISO 8601. */
  readonly since: string;
  readonly now: string;
  readonly logs: readonly LogState[];
  readonly lines: number;
  readonly alerts: number;
  readonly blocked: number;
  readonly failed: number;
  /** Blocks that are asked for and not yet in place. */
  readonly pending: number;
  /** What became of the hook's reports and connections. */
  readonly reports: Counters;
  readonly rules: number;
  /** Resident memory, in bytes. */
  readonly memory: number;
}

export interface LogState {
  readonly path: string;
  readonly isThere: boolean;
  /** Bytes that are there and were not read yet. */
  readonly lag: number;
}

export const lockFile = (home: Home): string => join(dirname(home.journal), 'serve.lock');

const stateFile = (home: Home): string => join(dirname(home.journal), 'serve.json');

/** What the server said last; undefined when it never ran, or the file is damaged. */
export function readState(home: Home): State | undefined {
  try {
    const state = JSON.parse(readIfThere(stateFile(home)) ?? 'null');
    return Array.isArray(state?.logs) ? state : undefined;
  } catch {
    return undefined;
  }
}

export const writeState = (home: Home, state: State): Promise<void> => replace(stateFile(home), state);

/** How far each log was read. A damaged file keeps no server from starting: logs are then read from their end. */
export function readKnownPositions(home: Home, warn: (text: string) => void): Positions {
  try {
    return readPositions(home);
  } catch (error) {
    if (!(error instanceof RiposteError)) throw error;
    warn(`${positionsFile(home)} cannot be read: logs are read from their end, as the first time`);
    return {};
  }
}

/** A log, and how far it is read; undefined when nobody has begun to. */
interface ReadLog {
  readonly path: string;
  readonly position: Position | undefined;
}

/** Remembers how far logs are read; those of others, which a scan reads, stay as they are. */
export function savePositions(home: Home, logs: readonly ReadLog[]): Promise<void> {
  const known = readKnownPositions(home, () => {});
  const now = logs.flatMap(({ path, position }) => (position ? [[path, position]] : []));
  return replace(positionsFile(home), { ...known, ...Object.fromEntries(now) });
}

/** Replaces a file as one step, without keeping the thread that reads logs waiting for the disk. */
async function replace(file: string, value: unknown): Promise<void> {
  const temporary = `${file}.new`; // one name: no more than one server runs, and a killed one leaves no heap of them
  const handle = await open(temporary, 'w', 0o640);
  try {
    await handle.writeFile(`${JSON.stringify(value, undefined, 1)}\n`);
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
}
