import type { Home } from '../active-response/home.ts';
import type { JournalEvent } from '../active-response/record/journal.ts';
import { eventInBytes } from '../active-response/record/journal-event.ts';
import type { Line } from '../logs/files/lines.ts';
import { DirectoryWatch } from '../logs/follow/directory-watch.ts';
import { FollowedLog } from '../logs/follow/follow-log.ts';
import { journalFiles } from './history/journal-files.ts';
import { newTally, readJournal } from './history/read-journal.ts';
import type { Wanted } from './history/wanted.ts';

/** The time to wait for the kernel's report of a change before looking anyway, in milliseconds. */
const PAUSE = 1_000;

/** Selects the events to yield. */
export interface Following {
  readonly wanted: Wanted;
  /** True for old events as well, which `wanted` limits; false for events from now on. */
  readonly withOld: boolean;
  /** True to wait for more, until the signal. */
  readonly waits: boolean;
  readonly signal: AbortSignal;
}

/**
 * Yields the wanted events of the journal, in pieces, also across rotations. Leaves out damaged lines.
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

/**
 * Opens the journal, and names its rotated forms of the same moment: no file is read twice, and no file is left out.
 */
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
  // Without the kernel's reports the pause is the delay.
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
