import { utf8 } from '../../base/bytes.ts';
import { jsonIn } from '../../base/json.ts';
import type { JournalEvent } from './journal.ts';

/** The event in a line of the journal, given as latin1 bytes. */
export const eventInBytes = (line: string): JournalEvent | undefined => eventIn(utf8(line));

/** The event in a line of the journal; undefined when the line contains none. */
export function eventIn(line: string): JournalEvent | undefined {
  const event = jsonIn(line);
  return isEvent(event) ? event : undefined;
}

function isEvent(value: unknown): value is JournalEvent {
  const { time, event, response } = (value ?? {}) as Record<string, unknown>;
  const areTexts = [time, event, response].every((each) => typeof each === 'string');
  return areTexts && !Number.isNaN(Date.parse(String(time)));
}
