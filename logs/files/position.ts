import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EX, RiposteError } from '../../base/errors.ts';
import { makeDirectory, readIfThere, replaceFile } from '../../base/files.ts';
import { jsonIn } from '../../base/json.ts';

/** The position up to which a log has been read. */
export interface Position {
  /** The number of bytes that have been read. */
  readonly offset: number;
  /** The hash of the file's first bytes, which identifies the file under another name. */
  readonly head: Head;
  /** The time of the read, ISO 8601. */
  readonly time: string;
  /** For a journal, which has no offsets: the cursor of the last line that was read. */
  readonly cursor?: string | undefined;
}

/** The hash of the first bytes of a file, at most HEAD_LENGTH, and their number. */
export interface Head {
  readonly length: number;
  readonly hash: string;
}

/** The positions by the log's path. */
export type Positions = Readonly<Record<string, Position>>;

/** Enough bytes to tell logs apart: lines of an access log hold their time, so the first lines of two logs differ. */
export const HEAD_LENGTH = 512;

export function headOf(bytes: Buffer): Head {
  const first = bytes.subarray(0, HEAD_LENGTH);
  return { length: first.length, hash: createHash('sha256').update(first).digest('hex').slice(0, 32) };
}

/** A position in the journal, in a form that older versions of Riposte accept and leave unchanged. */
export const journalPosition = ({ cursor, time }: Pick<Position, 'cursor' | 'time'>): Position => ({
  offset: 0,
  head: headOf(Buffer.alloc(0)),
  time,
  ...(cursor === undefined ? {} : { cursor }),
});

/** The time for which the position of a vanished log is kept, in milliseconds. */
const KEPT_FOR = 30 * 24 * 3600 * 1000;

/**
 * The positions, except the positions in logs that no longer exist and were not read for a month, such as logs of old
 * containers.
 */
export const withoutForgotten = (positions: Positions, now = Date.now()): Positions =>
  Object.fromEntries(
    Object.entries(positions).filter(
      ([log, { time }]) => now - Date.parse(time) < KEPT_FOR || !log.startsWith('/') || existsSync(log),
    ),
  );

/**
 * The position up to which each log was read the last time.
 *
 * @param directory where Riposte keeps its data @throws RiposteError (CONFIG) when the file is damaged
 */
export function readPositions(directory: string): Positions {
  const file = positionsFile(directory);
  const text = readIfThere(file);
  if (text === undefined) return {};
  const positions = jsonIn(text);
  if (arePositions(positions)) return positions;
  throw new RiposteError(EX.CONFIG, `${file} is damaged; remove it to read logs from their beginning`);
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
  const { offset, head, time, cursor } = (value ?? {}) as Partial<Position>;
  const isOffset = Number.isSafeInteger(offset) && Number(offset) >= 0;
  return (
    isOffset &&
    Number.isInteger(head?.length) &&
    typeof head?.hash === 'string' &&
    (cursor === undefined || typeof cursor === 'string') &&
    !Number.isNaN(Date.parse(`${time}`))
  );
}

export function writePositions(directory: string, positions: Positions): void {
  const file = positionsFile(directory);
  makeDirectory(dirname(file), 0o755);
  replaceFile(file, `${JSON.stringify(positions, undefined, 1)}\n`);
}

export const positionsFile = (directory: string): string => join(directory, 'positions.json');
