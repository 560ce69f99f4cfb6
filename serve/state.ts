import { open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Home } from '../active-response/home.ts';
import { RiposteError } from '../base/errors.ts';
import { readIfThere } from '../base/files.ts';
import type { EvaluatedLog } from '../evaluate/evaluated-log.ts';
import { formatsToRemember } from '../evaluate/read-logs.ts';
import {
  type Position,
  type Positions,
  positionsFile,
  readPositions,
  withoutForgotten,
} from '../logs/files/position.ts';
import { type KnownFormats, knownFormatsFile } from '../logs/formats/known-formats.ts';
import type { LineCounts } from '../logs/readers/log-format.ts';
import type { Counters } from './socket/listen-options.ts';

/** The state of a running server, for `riposte serve --status`, report and metrics. */
export interface ServerState {
  readonly pid: number;
  /** ISO 8601. */
  readonly since: string;
  readonly now: string;
  readonly logs: readonly LogState[];
  readonly lines: number;
  readonly alerts: number;
  /** Error records that no request in an access log has confirmed. They block no address. */
  readonly unconfirmed: number;
  /** Lines without a time that were written while no server ran. They were not evaluated. */
  readonly withoutTime: number;
  readonly blocked: number;
  readonly failed: number;
  /** Requested blocks that are not yet in place. */
  readonly pending: number;
  /** Blocks that ended early because of MAX_BLOCKS. */
  readonly endedEarly: number;
  /** The results of the hook's reports and connections. */
  readonly reports: Counters;
  readonly rules: number;
  /** Resident memory, in bytes. */
  readonly memory: number;
}

export interface LogState {
  readonly path: string;
  readonly isThere: boolean;
  /** Bytes of the log that were not read yet. */
  readonly lag: number;
  /** The format of its lines; `raw` for the rules' decoders; null while it is unknown. */
  readonly format: string | null;
  /** The counters of its lines since the server started. */
  readonly counts: LineCounts | null;
}

/** The lock that allows only one server for each home. */
export const lockFile = (home: Home): string => join(dirname(home.journal), 'serve.lock');

const stateFile = (home: Home): string => join(dirname(home.journal), 'serve.json');

/** The last state that a server wrote; undefined when no server has run, or the file is damaged. */
export function readState(home: Home): ServerState | undefined {
  try {
    const state = JSON.parse(readIfThere(stateFile(home)) ?? 'null');
    return Array.isArray(state?.logs) ? state : undefined;
  } catch {
    return undefined;
  }
}

/** Writes the state for other processes. */
export const writeState = (home: Home, state: ServerState): Promise<void> => replace(stateFile(home), state);

/** The positions up to which logs were read. If the file is damaged, the server still starts, and reads logs from their end. */
export function readKnownPositions(home: Home, warn: (text: string) => void): Positions {
  try {
    return readPositions(home.data);
  } catch (error) {
    if (!(error instanceof RiposteError)) throw error;
    warn(`${positionsFile(home.data)} cannot be read: logs are read from their end, as in a first run`);
    return {};
  }
}

/** A log, and the position up to which it is read; undefined before reading has begun. */
interface ReadLog {
  readonly path: string;
  readonly position: Position | undefined;
}

/** Saves the positions of logs. The positions of other logs, which a scan reads, are kept. */
export function savePositions(home: Home, logs: readonly ReadLog[]): Promise<void> {
  const known = readKnownPositions(home, () => {});
  const now = logs.flatMap(({ path, position }) => (position ? [[path, position]] : []));
  return replace(positionsFile(home.data), { ...withoutForgotten(known), ...Object.fromEntries(now) });
}

/** Writes the formats of logs to formats.json, if they have changed. @returns the known formats */
export async function saveFormats(
  home: Home,
  known: KnownFormats,
  logs: readonly EvaluatedLog[],
): Promise<KnownFormats> {
  const formats = formatsToRemember(logs, known, new Date().toISOString());
  if (formats !== known) await replace(knownFormatsFile(home.data), formats);
  return formats;
}

/** Replaces a file atomically, without making the thread that reads logs wait for the disk. */
async function replace(file: string, value: unknown): Promise<void> {
  // The name is fixed, because only one server runs; a killed server leaves at most this file.
  const temporary = `${file}.new`;
  const handle = await open(temporary, 'w', 0o640);
  try {
    await handle.writeFile(`${JSON.stringify(value, undefined, 1)}\n`);
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
}
