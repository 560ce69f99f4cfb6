import { readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Home } from '../../active-response/home.ts';
import { fileError, isMissing, makeDirectory, readRegular, replaceFile } from '../../base/files.ts';
import { type Notice, newId, readNotice } from '../message/notice.ts';

/** The names of the channels. */
export const CHANNELS = ['mail', 'webhook'] as const;
export type ChannelName = (typeof CHANNELS)[number];

/** A queued message: one alert, or several in a digest. */
export interface QueuedMessage {
  readonly id: string;
  readonly channel: ChannelName;
  /** Stays the same at each try, so that a server can recognize a duplicate. */
  readonly messageId: string;
  readonly notices: readonly Notice[];
  /** Recipients that have accepted the message. */
  readonly done: readonly string[];
  /** Permanently refused recipients, each with the reason. */
  readonly refused: Readonly<Record<string, string>>;
  /** A try has begun and its outcome is unknown, so the content must stay unchanged. */
  readonly begun?: boolean | undefined;
  /** The reason why the last try failed. */
  readonly reason?: string | undefined;
}

/**
 * The spool: a file for each notice and each queued message, written to a temporary name, synced and renamed.
 *
 * - new/: notices that no sender has seen yet.
 * - inbox/: notices from the manager's own account, which may write only there.
 * - taken/: files from inbox/ while they are read; the manager's account cannot access this directory.
 * - mail/, webhook/: queued messages.
 * - failed/: messages that will not be sent, with the reason.
 * - abuseipdb/: reports to AbuseIPDB (notify/abuseipdb/report-queue.ts).
 */
/** The spool's directory. */
export const spoolOf = ({ journal }: Pick<Home, 'journal'>): string => join(dirname(journal), 'spool');

export type SpoolDirectory = 'new' | 'inbox' | 'taken' | 'failed' | 'abuseipdb' | ChannelName;

export const directoryOf = (home: Home, name: SpoolDirectory): string => join(spoolOf(home), name);

/** Puts a notice into the spool. It is on the disk when this returns. @throws RiposteError (IOERR, NOPERM) */
export function putNotice(home: Home, notice: Notice): void {
  put(directoryOf(home, 'new'), notice.id, notice);
}

/** @throws RiposteError (IOERR, NOPERM) */
export function putMessage(home: Home, queued: QueuedMessage): void {
  put(directoryOf(home, queued.channel), queued.id, queued);
}

/** Notices that no sender has seen yet, the oldest first. */
export function newNotices(home: Home): Notice[] {
  return idsIn(home, 'new').flatMap((id) => {
    const value = readJson(fileOf(home, 'new', id));
    return value === undefined ? [] : [readNotice(value, id)];
  });
}

/**
 * The queued messages of a channel, or all failed messages, the oldest first.
 *
 * @param most the largest number to read
 */
export function messagesIn(
  home: Home,
  name: ChannelName | 'failed',
  most = Number.POSITIVE_INFINITY,
): QueuedMessage[] {
  return idsIn(home, name)
    .slice(0, most)
    .flatMap((id) => {
      const value = readJson(fileOf(home, name, id));
      return value === undefined ? [] : [readQueuedMessage(value, id)];
    });
}

export function dropNotice(home: Home, { id }: Pick<Notice, 'id'>): void {
  rmSync(fileOf(home, 'new', id), { force: true });
}

export function dropMessage(home: Home, { id, channel }: QueuedMessage): void {
  rmSync(fileOf(home, channel, id), { force: true });
}

/** Moves a message to failed/, where it stays until `retryFailed` queues it again. */
export function failMessage(home: Home, queued: QueuedMessage): void {
  putMessage(home, queued);
  move(home, queued, queued.channel, 'failed');
}

/** Queues failed messages again. @returns their number */
export function retryFailed(home: Home): number {
  const failed = messagesIn(home, 'failed');
  for (const queued of failed) {
    put(directoryOf(home, 'failed'), queued.id, { ...queued, refused: {}, reason: undefined });
    move(home, queued, 'failed', queued.channel);
  }
  return failed.length;
}

/** Renames the file in one step, because a message in two directories would be sent twice. */
function move(home: Home, { id }: QueuedMessage, from: SpoolDirectory, to: SpoolDirectory): void {
  const target = fileOf(home, to, id);
  makeDirectory(directoryOf(home, to), 0o700);
  try {
    renameSync(fileOf(home, from, id), target);
  } catch (error) {
    throw fileError('write', target, error);
  }
}

/** The number of files in a directory of the spool. */
export const countIn = (home: Home, name: SpoolDirectory): number => idsIn(home, name).length;

/** The number of notices and messages that wait to be sent. */
export const countWaiting = (home: Home): number =>
  (['new', 'inbox', 'taken', ...CHANNELS] as const).reduce((sum, name) => sum + countIn(home, name), 0);

/** The ids of the files in a directory of the spool, the oldest first; none when it is missing. */
export function idsIn(home: Home, name: SpoolDirectory): string[] {
  return filesIn(directoryOf(home, name))
    .filter((file) => /^[\w-]+\.json$/.test(file))
    .map((file) => file.slice(0, -'.json'.length))
    .sort();
}

/** Removes temporary files that dead processes left. */
export function removeUnfinished(home: Home, now = Date.now()): void {
  for (const name of ['new', 'failed', 'abuseipdb', ...CHANNELS] as const) {
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

export const fileOf = (home: Home, name: SpoolDirectory, id: string): string =>
  join(directoryOf(home, name), `${id}.json`);

/** Writes a file of the spool. It is on the disk when this returns. @throws RiposteError (IOERR, NOPERM) */
export function put(directory: string, id: string, value: unknown): void {
  makeDirectory(directory, 0o700);
  replaceFile(join(directory, `${id}.json`), `${JSON.stringify(value)}\n`, 0o600);
}

/** Reads JSON; undefined for a missing or damaged file. Renames a damaged file, so that no later run reads it again. */
export function readJson(file: string): unknown {
  try {
    return JSON.parse(readRegular(file).toString());
  } catch (error) {
    if (isMissing(error)) return undefined;
    if (!(error instanceof SyntaxError)) throw fileError('read', file, error);
    renameSync(file, `${file}.damaged`);
    return undefined;
  }
}

function readQueuedMessage(value: unknown, id: string): QueuedMessage {
  const { notices = [], ...rest } = value as QueuedMessage;
  return { ...rest, id, notices: notices.map((notice) => readNotice(notice, notice.id ?? newId())) };
}
