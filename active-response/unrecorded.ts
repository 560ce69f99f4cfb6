import { existsSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { RiposteError } from '../base/errors.ts';
import { appendLine, isDiskFault } from '../base/files.ts';
import type { Home } from './home.ts';

/** A directory in memory to which only root can write. */
const PLACE = '/run/riposte-unrecorded';
/** The maximum number of bytes of log lines to keep. */
const MOST = 16 * 1024 * 1024;

/**
 * The paths in memory for records that could not be written to the disk: ledger entries, and lines of log and journal. A
 * sweep writes them to the disk as soon as possible. After a reboot they are lost, as the kernel's blocks are.
 */
export function inMemory(home: Home): Home {
  const known = places.get(home.root);
  if (known) return known;
  const isThere = existsSync(home.root);
  const data = join(PLACE, encodeURIComponent(isThere ? realpathSync(home.root) : home.root));
  const memory = {
    ...home,
    data,
    blocks: join(data, 'blocks'),
    ended: join(data, 'ended'),
    activeResponsesLog: join(data, 'active-responses.log'),
    journal: join(data, 'events.jsonl'),
  };
  if (isThere) places.set(home.root, memory);
  return memory;
}

/** The paths of inMemory(), by the home's root: a server needs them for each address. */
const places = new Map<string, Home>();

/** The paths of inMemory(), or undefined when nothing is kept there. */
export const keptInMemory = (home: Home): Home | undefined => {
  const memory = existsSync(PLACE) ? inMemory(home) : undefined;
  return memory && existsSync(memory.data) ? memory : undefined;
};

/**
 * Keeps a record in memory after writing it to the disk has failed.
 *
 * @param error the error of writing the record @returns the error to report @throws the same error when the record
 * cannot be kept in memory either
 */
export function keepInMemory(error: unknown, home: Home, keep: (memory: Home) => void): RiposteError {
  if (!(error instanceof RiposteError)) throw error;
  if (!isDiskFault(error) || home.data.startsWith(PLACE)) throw error;
  try {
    keep(inMemory(home));
  } catch {
    throw error;
  }
  return new RiposteError(error.exitCode, `${error.message}${KEPT}`, { cause: error });
}

const KEPT = '; kept in memory until a sweep records it';

/** True for the error of a text that is kept in memory: nothing is lost, and another write would duplicate it. */
export const isKept = ({ message }: RiposteError): boolean => message.endsWith(KEPT);

/** Appends lines to log or journal; if that fails, keeps them in memory. @throws RiposteError in both cases */
export function appendRecord(home: Home, file: 'activeResponsesLog' | 'journal', ...rest: Rest): void {
  try {
    appendLine(home[file], ...rest);
  } catch (error) {
    throw keepInMemory(error, home, (memory) => {
      const size = statSync(memory[file], { throwIfNoEntry: false })?.size ?? 0;
      if (size + rest[0].length > MOST) throw error;
      appendLine(memory[file], ...rest);
    });
  }
}

type Rest = [lines: string, mode: number, directoryMode?: number];
