import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { isMissing } from './files.ts';
import type { Home } from './home.ts';
import type { JournalEvent } from './journal.ts';

/** What the shell part of this script (client.sh) says of a request that it has handed on, and got no answer to. */
export interface HandedOn {
  /** The request's name, when somebody has taken it: it may have been done, or half of it. */
  readonly name: string | undefined;
  /** The manager's line, where it was read already. */
  readonly message: string | undefined;
  /** True when the manager was asked, too: it cannot be asked twice. */
  readonly wasAsked: boolean;
}

export function handedOn({ RIPOSTE_ASKED, RIPOSTE_MESSAGE, RIPOSTE_REPLY }: NodeJS.ProcessEnv): HandedOn {
  return { name: RIPOSTE_ASKED, message: RIPOSTE_MESSAGE, wasAsked: RIPOSTE_REPLY !== undefined };
}

/** How much of the journal's end is looked at: what thousands have done in the second since it was handed on. */
const TAIL = 2 * 1024 * 1024;

/**
 * How a request has ended all the same, when whoever took it was ended between doing it and saying so: then it is
 * not done twice. Undefined when the journal does not know.
 */
export function outcomeInJournal({ journal }: Home, asked: string): JournalEvent | undefined {
  const text = tailOf(journal);
  const found = text.lastIndexOf(`"asked":${JSON.stringify(asked)}`);
  if (found === -1) return undefined;
  const line = text.slice(text.lastIndexOf('\n', found) + 1).split('\n', 1)[0] ?? '';
  try {
    const event: JournalEvent = JSON.parse(line);
    return event.event === 'failed' ? undefined : event; // what has failed is worth another try
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
