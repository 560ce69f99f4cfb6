import { readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileError, isMissing, makeDirectory, replaceFile } from '../files.ts';
import type { Home } from '../home.ts';
import { type Notice, newId, readNotice } from './notice.ts';

/** The ways to tell somebody. */
export const CHANNELS = ['mail', 'webhook'] as const;
export type ChannelName = (typeof CHANNELS)[number];

/** A message that waits: one alert, or several in a digest. */
export interface Letter {
  readonly id: string;
  readonly channel: ChannelName;
  /** The same at each try, so that a server that gets it twice can tell. */
  readonly messageId: string;
  readonly notices: readonly Notice[];
  /** Who has it already. */
  readonly done: readonly string[];
  /** Who will never get it, and why. */
  readonly refused: Readonly<Record<string, string>>;
  /** A try has begun, and how it ended is not known: this letter must stay as it is. */
  readonly begun?: boolean | undefined;
  /** Why it could not be sent so far. */
  readonly reason?: string | undefined;
}

/**
 * The spool: a file for each notice and each letter, written to a temporary name, synced and renamed.
 *
 * - new/: notices that no sender has seen yet.
 * - inbox/: the same from the manager's own account, which may write there and nowhere else.
 * - mail/, webhook/: letters that wait.
 * - failed/: letters that will not be sent, with the reason.
 */
/** Where all of it lies. */
export const spoolOf = ({ journal }: Pick<Home, 'journal'>): string => join(dirname(journal), 'spool');

export type Place = 'new' | 'inbox' | 'failed' | ChannelName;

export const directoryOf = (home: Home, place: Place): string => join(spoolOf(home), place);

/** Puts a notice into the spool. On the disk when it returns. @throws RiposteError (IOERR, NOPERM) */
export function putNotice(home: Home, notice: Notice): void {
  put(directoryOf(home, 'new'), notice.id, notice);
}

/** @throws RiposteError (IOERR, NOPERM) */
export function putLetter(home: Home, letter: Letter): void {
  put(directoryOf(home, letter.channel), letter.id, letter);
}

/** Notices that no sender has seen yet, the oldest first. */
export function newNotices(home: Home): Notice[] {
  return idsIn(home, 'new').flatMap((id) => {
    const value = readJson(fileOf(home, 'new', id));
    return value === undefined ? [] : [readNotice(value, id)];
  });
}

/** The letters of a channel that wait, or have failed; the oldest first. @param most how many are read */
export function lettersIn(
  home: Home,
  name: ChannelName | 'failed',
  most = Number.POSITIVE_INFINITY,
): Letter[] {
  return idsIn(home, name)
    .slice(0, most)
    .flatMap((id) => {
      const value = readJson(fileOf(home, name, id));
      return value === undefined ? [] : [readLetter(value, id)];
    });
}

export function dropNotice(home: Home, { id }: Pick<Notice, 'id'>): void {
  rmSync(fileOf(home, 'new', id), { force: true });
}

export function dropLetter(home: Home, { id, channel }: Letter): void {
  rmSync(fileOf(home, channel, id), { force: true });
}

/** Takes a letter out of what waits. It is kept, and nothing more is done about it. */
export function failLetter(home: Home, letter: Letter): void {
  putLetter(home, letter);
  move(home, letter, letter.channel, 'failed');
}

/** Has letters that have failed wait again. @returns how many */
export function retryFailed(home: Home): number {
  const failed = lettersIn(home, 'failed');
  for (const letter of failed) {
    put(directoryOf(home, 'failed'), letter.id, { ...letter, refused: {}, reason: undefined });
    move(home, letter, 'failed', letter.channel);
  }
  return failed.length;
}

/** In one step: a letter in two places would be two. */
function move(home: Home, { id }: Letter, from: Place, to: Place): void {
  const target = fileOf(home, to, id);
  makeDirectory(directoryOf(home, to), 0o700);
  try {
    renameSync(fileOf(home, from, id), target);
  } catch (error) {
    throw fileError('write', target, error);
  }
}

/** How many files a directory of the spool has. */
export const countIn = (home: Home, name: Place): number => idsIn(home, name).length;

/** How many alerts and letters wait to be sent. */
export const countWaiting = (home: Home): number =>
  (['new', 'inbox', ...CHANNELS] as const).reduce((sum, name) => sum + countIn(home, name), 0);

/** The ids of the files in a directory of the spool, the oldest first; none where it is missing. */
export function idsIn(home: Home, name: Place): string[] {
  return filesIn(directoryOf(home, name))
    .filter((file) => /^[\w-]+\.json$/.test(file))
    .map((file) => file.slice(0, -'.json'.length))
    .sort();
}

/** Removes what processes that are gone have not finished writing. */
export function removeUnfinished(home: Home, now = Date.now()): void {
  for (const name of ['new', 'failed', ...CHANNELS] as const) {
    for (const file of filesIn(directoryOf(home, name))) {
      const path = join(directoryOf(home, name), file);
      const age = now - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? now);
      if (file.endsWith('.tmp') && age > 3_600_000) rmSync(path, { force: true });
    }
  }
}

function filesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (isMissing(error)) return [];
    throw fileError('read', directory, error);
  }
}

export const fileOf = (home: Home, name: Place, id: string): string =>
  join(directoryOf(home, name), `${id}.json`);

function put(directory: string, id: string, value: unknown): void {
  makeDirectory(directory, 0o700);
  replaceFile(join(directory, `${id}.json`), `${JSON.stringify(value)}\n`, 0o600);
}

/** A file that holds no JSON is put aside: what stood in it nobody can tell. Undefined also for one that is gone. */
function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (isMissing(error)) return undefined;
    if (!(error instanceof SyntaxError)) throw fileError('read', file, error);
    renameSync(file, `${file}.damaged`);
    return undefined;
  }
}

function readLetter(value: unknown, id: string): Letter {
  const { notices = [], ...rest } = value as Letter;
  return { ...rest, id, notices: notices.map((notice) => readNotice(notice, notice.id ?? newId())) };
}
