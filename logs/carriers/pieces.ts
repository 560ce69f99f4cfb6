import { keepNewest } from '../../base/keep-newest.ts';
import type { Opened } from './carrier.ts';

/**
 * The longest joined line, in bytes. By default nginx takes 32 KB of headers, and writes each byte of a text as up to
 * four bytes; a client that sends such a request must not make its line unreadable.
 */
const LONGEST = 1024 * 1024;
/** While this many streams have an open line, a split line of another stream is unreadable. */
const MOST_JOINED = 64;
const MOST_STREAMS = 4096;

/** Marks a stream whose open line lacks a piece. */
const BROKEN = Symbol('broken');

/**
 * Joins the pieces of split lines, each stream by itself. Only the first piece of a line begins with the server's own
 * bytes. The others begin with an attacker's bytes, so none of them ever counts as a line. The rules:
 * - a piece that does not end its line is kept, up to 1 MB; a longer line is unreadable to its end
 * - if reading begins in the middle of a log, some lines before that place are opened first. The first of these lines
 *   of each stream may have begun even earlier, so it is unreadable to its end, even if it ends after that place
 * - a line that cannot be opened may have been a piece of any stream, so the next line of every stream is unreadable
 * - if a stream has no line before that place, its first line after that place is whole, because the pieces of a line
 *   follow each other closely
 */
export class Pieces {
  readonly #streams = new Map<string, string | typeof BROKEN>();
  /** The streams seen so far; undefined if no stream can have an open line whose beginning was not seen. */
  #seen: Set<string> | undefined;

  #isInDoubt = false;

  /** Tells this object whether the next pieces precede the first piece to read. */
  lookBack(isLooking: boolean): void {
    if (isLooking) this.#seen = new Set();
    else if (!this.#isInDoubt) this.#seen = undefined;
  }

  /** Notes that a piece of an unknown stream was lost. */
  doubt(): void {
    this.#isInDoubt = true;
    this.#streams.clear();
    this.#seen = new Set();
  }

  /** @param isLast whether the piece ends its line @param isError whether the stream is a standard error */
  add(stream: string, piece: string, isLast: boolean, time: number | undefined, isError = false): Opened {
    const before = this.#isDoubtful(stream) ? BROKEN : this.#streams.get(stream);
    if (isLast) {
      if (before !== undefined) this.#streams.delete(stream);
      if (before === BROKEN)
        return { reason: 'is the rest of a line whose beginning is missing or too long' };
      const line = (before ?? '') + piece;
      if (line.length > LONGEST) return { reason: 'is longer than 1 MB in its pieces' };
      return isError ? { line, time, isError } : { line, time };
    }
    const joined = before === BROKEN || this.#isFull(stream) ? BROKEN : (before ?? '') + piece;
    this.#set(stream, joined !== BROKEN && joined.length > LONGEST ? BROKEN : joined);
    return 'incomplete';
  }

  /** Makes the rest of a stream's line unreadable. */
  break(stream: string): void {
    this.#set(stream, BROKEN);
  }

  /**
   * True if the stream may have an open line whose beginning was not seen. Remembers the stream, so that the next call
   * returns false.
   */
  #isDoubtful(stream: string): boolean {
    if (this.#seen === undefined || this.#seen.has(stream)) return false;
    if (this.#seen.size >= MOST_STREAMS) this.#seen.clear();
    this.#seen.add(stream);
    return true;
  }

  #isFull(stream: string): boolean {
    return this.#streams.size >= MOST_JOINED && !this.#streams.has(stream);
  }

  #set(stream: string, piece: string | typeof BROKEN): void {
    this.#streams.set(stream, piece);
    keepNewest(this.#streams, MOST_STREAMS);
  }
}
