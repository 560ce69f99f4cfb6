import type { JournalEvent } from '../../active-response/journal.ts';
import { utf8 } from '../bytes.ts';
import { readLines } from '../lines.ts';
import { openLog } from '../replay/open-log.ts';
import type { Wanted } from './wanted.ts';

/** What is found in the journal; one object, changed as the reading goes on. */
export interface Tally {
  /** Events that are wanted. */
  found: number;
  /** Lines that hold no event: cut off by a crash, or somebody else's. */
  damaged: number;
}

/**
 * The wanted events of these files, those of each piece of a file together. Only one piece is in memory at a
 * time.
 *
 * @param read what is wanted of the event in a line, in its bytes as latin1; undefined where it holds none
 * @throws RiposteError (IOERR) naming the file that cannot be read
 */
export async function* readJournal<Event = JournalEvent>(
  files: readonly string[],
  wanted: Wanted,
  tally: Tally,
  read: (line: string) => Event | undefined,
): AsyncGenerator<Event[]> {
  for (const file of files) {
    for await (const lines of readLines(openLog(file, NOTHING).stream)) {
      const events: Event[] = [];
      for (const { text, cut } of lines) {
        if (text === '') continue;
        const isWhole = cut === 0 && text.startsWith('{') && text.trimEnd().endsWith('}');
        if (isWhole && !wanted(text)) continue;
        const event = isWhole ? read(text) : undefined;
        if (event === undefined) tally.damaged++;
        else events.push(event);
      }
      tally.found += events.length;
      if (events.length > 0) yield events;
    }
  }
}

async function* nothing(): AsyncGenerator<Buffer> {}
const NOTHING = nothing();

/** The event in a line of the journal, in its bytes as latin1. */
export const eventInBytes = (line: string): JournalEvent | undefined => eventIn(utf8(line));

/** The event in a line of the journal; undefined where it holds none. */
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
