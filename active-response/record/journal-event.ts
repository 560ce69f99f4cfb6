import { utf8 } from '../../base/bytes.ts';
import type { JournalEvent } from './journal.ts';

/** The event in a line of the journal, given as latin1 bytes. */
export const eventInBytes = (line: string): JournalEvent | undefined => eventIn(utf8(line));

/** The event in a line of the journal; undefined when the line contains none. */
export function eventIn(line: string): JournalEvent | undefined {
  try {
    const event: unknown = JSON.parse(line);
    return isEvent(event) ? event : undefined;
  } catch {
    return undefined;
  }
}

function isEvent(value: unknown): value is JournalEvent {
  const { time, event, response } = (value ?? {}) as Record<string, unknown>;
  const areTexts = [time, event, response].every((each) => typeof each === 'string');
  return areTexts && !Number.isNaN(Date.parse(String(time)));
}
