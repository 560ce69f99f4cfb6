import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { EX, RiposteError } from '../../active-response/errors.ts';
import { makeDirectory, readIfThere, replaceFile } from '../../active-response/files.ts';
import type { Home } from '../../active-response/home.ts';

/** How far a log has been read. */
export interface Position {
  /** Bytes that have been read. */
  readonly offset: number;
  /** The file that was read begins with bytes of this hash: it may have another name by now. */
  readonly head: Head;
  /** When it was read, ISO 8601. */
  readonly time: string;
}

/** The hash of the first bytes of a file, at most HEAD_LENGTH, and how many they are. */
export interface Head {
  readonly length: number;
  readonly hash: string;
}

/** By the log's path. */
export type Positions = Readonly<Record<string, Position>>;

/** A line of an access log has its time in it, so the first lines of two logs are never the same. */
export const HEAD_LENGTH = 512;

export function headOf(bytes: Buffer): Head {
  const first = bytes.subarray(0, HEAD_LENGTH);
  return { length: first.length, hash: createHash('sha256').update(first).digest('hex').slice(0, 32) };
}

/** How far each log was read the last time. @throws RiposteError (CONFIG) when the file is damaged */
export function readPositions(home: Home): Positions {
  const file = positionsFile(home);
  const text = readIfThere(file);
  if (text === undefined) return {};
  const positions = parseJson(text);
  if (arePositions(positions)) return positions;
  throw new RiposteError(EX.CONFIG, `${file} is damaged; remove it, and logs are read from their begin`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function arePositions(value: unknown): value is Positions {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every(isPosition)
  );
}

export function isPosition(value: unknown): value is Position {
  const { offset, head, time } = (value ?? {}) as Partial<Position>;
  const isOffset = Number.isSafeInteger(offset) && Number(offset) >= 0;
  return (
    isOffset &&
    Number.isInteger(head?.length) &&
    typeof head?.hash === 'string' &&
    !Number.isNaN(Date.parse(`${time}`))
  );
}

export function writePositions(home: Home, positions: Positions): void {
  const file = positionsFile(home);
  makeDirectory(dirname(file), 0o755);
  replaceFile(file, `${JSON.stringify(positions, undefined, 1)}\n`);
}

export const positionsFile = (home: Home): string => join(dirname(home.journal), 'positions.json');
