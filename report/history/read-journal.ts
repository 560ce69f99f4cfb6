import type { JournalEvent } from '../../active-response/record/journal.ts';
import { readLines } from '../../logs/files/lines.ts';
import { openLog } from '../../logs/files/open-log.ts';
import type { Wanted } from './wanted.ts';

/** Counts of the journal's lines, updated while it is read. */
export interface Tally {
  /** Wanted events. */
  found: number;
  /** Lines without an event: cut off by a crash, or written by another program. */
  damaged: number;
  /** The files with damaged lines. */
  readonly damagedFiles: Set<string>;
}

export const newTally = (): Tally => ({ found: 0, damaged: 0, damagedFiles: new Set() });

/**
 * Yields the wanted events of these files, in batches. Only one piece of a file is in memory at a time.
 *
 * @param read parses a line, given as latin1 bytes; returns undefined if the line holds no event
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
        if (event !== undefined) events.push(event);
        else {
          tally.damaged++;
          tally.damagedFiles.add(file);
        }
      }
      tally.found += events.length;
      if (events.length > 0) yield events;
    }
  }
}

async function* nothing(): AsyncGenerator<Buffer> {}
const NOTHING = nothing();
