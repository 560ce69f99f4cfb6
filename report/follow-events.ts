import type { Home } from '../active-response/home.ts';
import type { JournalEvent } from '../active-response/record/journal.ts';
import { eventInBytes } from '../active-response/record/journal-event.ts';
import type { Line } from '../logs/files/lines.ts';
import { DirectoryWatch } from '../logs/follow/directory-watch.ts';
import { FollowedLog } from '../logs/follow/follow-log.ts';
import { journalFiles } from './history/journal-files.ts';
import { newTally, readJournal } from './history/read-journal.ts';
import type { Wanted } from './history/wanted.ts';

/**
 * The longest wait for the kernel's report of a change, in milliseconds. After this time, the journal is read
 * even without a report.
 */
const PAUSE = 1_000;

/** Selects the events to yield. */
export interface Following {
  readonly wanted: Wanted;
  /** True to yield old events, too, if `wanted` selects them; false to yield only events from now on. */
  readonly withOld: boolean;
  /** True to wait for new events until the signal aborts. */
  readonly waits: boolean;
  readonly signal: AbortSignal;
}

/**
 * Yields the wanted events of the journal, in batches, even when the journal is rotated meanwhile. Leaves out damaged
 * lines.
 *
 * @throws RiposteError (IOERR, NOPERM)
 */
export async function* followEvents(
  home: Home,
  { wanted, withOld, waits, signal }: Following,
): AsyncGenerator<JournalEvent[]> {
  let lines: Line[] = [];
  const { log, older } = opened(home, withOld, (more) => lines.push(...more));
  const change = changes(home.journal, signal);
  try {
    if (withOld) yield* readJournal(older, wanted, newTally(), eventInBytes);
    while (!signal.aborted) {
      const isMore = log.read();
      const events = lines.flatMap(({ text, cut }) => {
        const event = cut === 0 && wanted(text) ? eventInBytes(text) : undefined;
        return event ?? [];
      });
      lines = [];
      if (events.length > 0) yield events;
      if (isMore) continue;
      if (!waits) return;
      await change.next();
    }
  } finally {
    change.close();
    log.close();
  }
}

/** Opens the journal, and lists its rotated files at the same moment, so that no file is read twice or left out. */
function opened(
  home: Home,
  withOld: boolean,
  onLines: (lines: readonly Line[]) => void,
): { log: FollowedLog; older: string[] } {
  for (;;) {
    const before = journalFiles(home);
    const log = new FollowedLog(home.journal, onLines, withOld ? 0 : undefined);
    if (JSON.stringify(journalFiles(home)) === JSON.stringify(before))
      return { log, older: before.filter((file) => file !== home.journal) };
    log.close();
  }
}

/** Waits for changes of a file. */
function changes(file: string, signal: AbortSignal): { next(): Promise<void>; close(): void } {
  let isChanged = false;
  let wake = () => {};
  const notice = () => {
    isChanged = true;
    wake();
  };
  // If the kernel reports no changes, events arrive up to PAUSE later.
  const watch = new DirectoryWatch(
    () => [file],
    notice,
    () => {},
  );
  signal.addEventListener('abort', notice);
  return {
    async next() {
      watch.look();
      if (!isChanged) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, PAUSE);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      isChanged = false;
    },
    close() {
      signal.removeEventListener('abort', notice);
      watch.close();
    },
  };
}
