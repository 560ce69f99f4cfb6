import { EX, RiposteError } from '../../base/errors.ts';
import { type Line, MAX_READER_LINE, readLines } from '../files/lines.ts';
import { journalPosition, type Position } from '../files/position.ts';
import {
  cursorOf,
  isCursor,
  type JournalPosition,
  journalArguments,
  journalArgumentsBefore,
  positionAt,
  timeOfCursor,
  timeOfLine,
} from '../sources/journal.ts';
import { startJournalctl } from './journalctl.ts';

/** Some lines of the journal, as `journalctl -o json` prints them. */
export interface JournalLines {
  readonly lines: readonly Line[];
  /** True for lines that were read before. They are read again, because they may contain the beginning of a burst. */
  readonly isContext: boolean;
}

/** The number of bytes of old lines that are read again before the new lines, as in resume-point.ts. */
const CONTEXT = 512 * 1024;
/** The most lines of the same microsecond that may follow a cursor's line. */
const SAME_MOMENT = 1000;

/** Reads a unit's lines in the journal up to now. */
export class JournalReading {
  #position: Position | undefined;
  #isLost = false;

  /** @param from the position after the last line that was read; undefined: read all lines, without context */
  constructor(
    private readonly unit: string,
    private readonly from: Position | undefined,
    private readonly now = new Date(),
  ) {
    this.#position = from;
  }

  /** The position after the last line that `read` has yielded. */
  get position(): Position {
    return this.#position ?? journalPosition({ time: this.now.toISOString() });
  }

  /** True if the last line that was read before is no longer in the journal. Then later lines may be gone, too. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /**
   * Yields the context, then the new lines.
   *
   * @throws RiposteError (UNAVAILABLE) when journalctl is missing or fails
   */
  async *read(): AsyncGenerator<JournalLines> {
    const cursor = isCursor(this.from?.cursor) ? this.from.cursor : undefined;
    if (cursor !== undefined) yield* this.#context(cursor);
    try {
      yield* this.#news(this.from && { time: this.from.time, cursor });
    } catch (error) {
      if (cursor === undefined || !isOfCursor(error)) throw error;
      this.#isLost = true;
      yield* this.#news({ time: this.from?.time ?? '' }); // continues from the time of the cursor's line
    }
  }

  async *#news(from: JournalPosition | undefined): AsyncGenerator<JournalLines> {
    for await (const lines of this.#lines(journalArguments({ unit: this.unit, from, follows: false }))) {
      yield { lines, isContext: false };
      const last = lastCursor(lines);
      if (last !== undefined) this.#position = journalPosition(positionAt(last, new Date()));
    }
  }

  async *#context(cursor: string): AsyncGenerator<JournalLines> {
    const args = journalArgumentsBefore(this.unit, cursor);
    if (args === undefined) return;
    const context = await this.#before(args, cursor);
    this.#isLost = context === undefined;
    if (context) yield { lines: context, isContext: true };
  }

  /** The lines up to the cursor's line, the oldest first; undefined when the cursor's line is gone. */
  async #before(args: readonly string[], cursor: string): Promise<Line[] | undefined> {
    const end = timeOfCursor(cursor) ?? 0;
    const found: Line[] = [];
    let bytes = 0;
    let skipped = 0;
    for await (const lines of this.#lines(args))
      for (const line of lines) {
        // Other lines of the same microsecond may follow the cursor's line.
        if (found.length === 0 && cursorOf(line.text) !== cursor) {
          if (++skipped > SAME_MOMENT || (timeOfLine(line.text) ?? end) !== end) return undefined;
          continue;
        }
        found.push(line);
        bytes += line.text.length;
        if (bytes >= CONTEXT) return found.reverse();
      }
    return found.length === 0 ? undefined : found.reverse();
  }

  async *#lines(args: readonly string[]): AsyncGenerator<Line[]> {
    const journalctl = startJournalctl(args);
    try {
      yield* readLines(journalctl.output as AsyncIterable<Buffer>, MAX_READER_LINE);
      const failure = await journalctl.ended;
      if (failure !== undefined) throw journalFailure(this.unit, failure);
    } finally {
      journalctl.stop();
    }
  }
}

/** The cursor of the last line that has one. */
export function lastCursor(lines: readonly Line[]): string | undefined {
  for (let at = lines.length - 1; at >= 0; at--) {
    const cursor = cursorOf(lines[at]?.text ?? '');
    if (isCursor(cursor)) return cursor;
  }
  return undefined;
}

/** True if journalctl has refused a cursor. In that case it prints no line before the error. */
export const isOfCursor = (error: unknown): boolean =>
  error instanceof RiposteError && /cursor/i.test(error.message);

export const journalFailure = (unit: string, failure: string): RiposteError =>
  new RiposteError(EX.UNAVAILABLE, `cannot read the journal of ${unit}: journalctl: ${failure}`);
