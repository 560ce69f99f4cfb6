import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { isMissing } from '../base/files.ts';
import type { Home } from './home.ts';
import type { JournalEvent } from './record/journal.ts';

/** The state of a request for which client.sh, the shell part of this script, got no answer. */
export interface FallbackState {
  /** The request's name, if a daemon has taken the request: the daemon may have finished it, or a part of it. */
  readonly name: string | undefined;
  /** The manager's line, if client.sh has read it. */
  readonly message: string | undefined;
  /** True when client.sh has asked the manager, which cannot be asked twice. */
  readonly wasAsked: boolean;
}

export function fallbackState({
  RIPOSTE_ASKED,
  RIPOSTE_MESSAGE,
  RIPOSTE_REPLY,
}: NodeJS.ProcessEnv): FallbackState {
  return { name: RIPOSTE_ASKED, message: RIPOSTE_MESSAGE, wasAsked: RIPOSTE_REPLY !== undefined };
}

/**
 * The number of bytes to search at the end of the journal. The events of the last second fit, even of thousands of
 * requests.
 */
const TAIL = 2 * 1024 * 1024;

/**
 * Finds the outcome of a request whose daemon ended after carrying out the request and before answering, so that the
 * request is not carried out twice. Undefined when the journal does not contain it.
 */
export function outcomeInJournal({ journal }: Home, asked: string): JournalEvent | undefined {
  const text = tailOf(journal);
  const found = text.lastIndexOf(`"asked":${JSON.stringify(asked)}`);
  if (found === -1) return undefined;
  const line = text.slice(text.lastIndexOf('\n', found) + 1).split('\n', 1)[0] ?? '';
  try {
    const event: JournalEvent = JSON.parse(line);
    return event.event === 'failed' ? undefined : event; // retry a failed request
  } catch {
    return undefined; // cut off
  }
}

function tailOf(file: string): string {
  try {
    const fd = openSync(file, 'r');
    try {
      const { size } = fstatSync(fd);
      const bytes = Buffer.alloc(Math.min(size, TAIL));
      return bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, size - bytes.length));
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (isMissing(error)) return '';
    throw error;
  }
}
