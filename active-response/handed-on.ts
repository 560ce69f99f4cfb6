import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { isMissing } from './files.ts';
import type { Home } from './home.ts';
import type { JournalEvent } from './journal.ts';

/** A request that the shell part of this script (client.sh) has handed on, and nobody has answered. */
export interface HandedOn {
  readonly name: string;
  /** The manager's line, where it was read already. */
  readonly message: string | undefined;
  /** True when the manager was asked, too: it cannot be asked twice. */
  readonly wasAsked: boolean;
}

const { RIPOSTE_ASKED: name, RIPOSTE_MESSAGE: message, RIPOSTE_REPLY: reply } = process.env;

export const handedOn: HandedOn | undefined =
  name === undefined ? undefined : { name, message, wasAsked: reply !== undefined };

/** How much of the journal's end is looked at: what thousands have done in the second since it was handed on. */
const TAIL = 2 * 1024 * 1024;

/**
 * How the request has ended all the same, when whoever took it was ended between doing it and saying so: then it is
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
      return bytes.toString('latin1', 0, readSync(fd, bytes, 0, bytes.length, size - bytes.length));
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (isMissing(error)) return '';
    throw error;
  }
}
