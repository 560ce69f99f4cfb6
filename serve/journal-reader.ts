import type { JournalEvent } from '../active-response/record/journal.ts';
import { eventInBytes } from '../active-response/record/journal-event.ts';
import { readIfThere, replaceFile } from '../base/files.ts';
import { newLines } from '../logs/files/new-lines.ts';
import { headOf, isPosition, type Position } from '../logs/files/position.ts';

/**
 * Reads the new events in the journal, which serves as a queue: events are on the disk before they are handled, and
 * logrotate bounds the size. The position is stored after the events are handled, so a crash may repeat events, but
 * loses none.
 */
export class JournalReader {
  /** The number of unread bytes when the last read began. */
  unread = 0;
  #position: Position | undefined;

  /** @param file the file with the position @param onLost called if unread events are lost */
  constructor(
    private readonly journal: string,
    private readonly file: string,
    private readonly onLost: () => void,
  ) {
    this.#position = readPosition(file);
  }

  /**
   * Yields the results of `find` for the new events, in batches of at least `together`; the last batch may be smaller.
   * When the caller asks for the next batch, the events of the batch before count as handled. The first start yields no
   * events: it begins at the end of the journal.
   *
   * @throws RiposteError (NOPERM, IOERR)
   */
  async *read<Found>(
    find: (event: JournalEvent) => Found | undefined,
    together: number,
  ): AsyncGenerator<readonly Found[]> {
    const now = new Date();
    const unread = newLines({ location: this.journal }, this.#position, now, { hasContext: false });
    this.unread = Math.max(0, (unread.end ?? 0) - (this.#position?.offset ?? 0));
    if (this.#position === undefined) {
      const nowhere = { offset: 0, head: headOf(Buffer.alloc(0)), time: now.toISOString() };
      return this.#store(unread.position ?? nowhere);
    }
    if (unread.isLost) this.onLost();
    if (this.unread === 0 && unread.end === this.#position.offset) return;
    let found: Found[] = [];
    for await (const { lines } of unread.read()) {
      for (const { text, cut } of lines) {
        const event = cut === 0 ? eventInBytes(text) : undefined;
        const some = event && find(event);
        if (some !== undefined) found.push(some);
      }
      if (found.length > 0 && found.length < together) continue;
      if (found.length > 0) yield found;
      found = [];
      if (unread.readTo) this.#store(unread.readTo);
    }
    if (found.length > 0) yield found;
    if (unread.position) this.#store(unread.position);
  }

  #store(position: Position): void {
    if (JSON.stringify(position) === JSON.stringify(this.#position)) return;
    this.#position = position;
    replaceFile(this.file, `${JSON.stringify(position)}\n`);
  }
}

/** Without a position, or with a damaged one, reading begins at the end of the journal. */
function readPosition(file: string): Position | undefined {
  try {
    const position: unknown = JSON.parse(readIfThere(file) ?? 'null');
    return isPosition(position) ? position : undefined;
  } catch {
    return undefined;
  }
}
