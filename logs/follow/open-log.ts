import { closeSync, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { fileError, isMissing } from '../../base/files.ts';
import { type Line, LineSplitter, MAX_LINE } from '../files/lines.ts';
import { noFile, READ } from '../files/no-file.ts';
import { HEAD_LENGTH, type Head, headOf } from '../files/position.ts';

/** The number of bytes of one log that are read before other work gets its turn: other logs, and answers of threads. */
const CHUNK = 64 * 1024;
/** One buffer for all logs, because each chunk is judged before the next is read. */
const chunk = Buffer.allocUnsafeSlow(CHUNK);
const begin = Buffer.allocUnsafeSlow(HEAD_LENGTH);

/** An open log, and the position up to which it is read. */
export class OpenLog {
  #splitter: LineSplitter;
  /** The file's first bytes. If they change, the file has new content, whatever its length. */
  #head = Buffer.alloc(0);
  #hash: Head = headOf(this.#head);

  private constructor(
    private readonly fd: number,
    private readonly stats: Stats,
    private offset: number,
    private readonly longest: number,
  ) {
    this.#splitter = new LineSplitter(longest);
    this.#readHead();
  }

  /**
   * @param from bytes that were read before; undefined to read only new lines
   * @param longest the most bytes of a line that are kept
   * @returns undefined if there is no such file
   * @throws RiposteError (NOPERM, IOERR) if it cannot be read, or is not a regular file
   */
  static open(path: string, from: number | undefined, longest = MAX_LINE): OpenLog | undefined {
    try {
      const fd = openSync(path, READ);
      const stats = fstatSync(fd);
      if (stats.isFile()) return new OpenLog(fd, stats, from ?? stats.size, longest);
      closeSync(fd);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw fileError('read', path, error);
    }
    throw noFile(path);
  }

  /** True if this is the file with these stats. */
  is({ dev, ino }: Stats): boolean {
    return dev === this.stats.dev && ino === this.stats.ino;
  }

  /** The position after the last whole line that was read. */
  get position(): { offset: number; head: Head } {
    return { offset: this.offset - this.#splitter.pending, head: this.#hash };
  }

  /** The number of unread bytes. */
  get lag(): number {
    return Math.max(0, fstatSync(this.fd).size - this.offset);
  }

  /** True if the file begins with the bytes of an earlier head. */
  begins({ length, hash }: Head): boolean {
    return headOf(this.#head.subarray(0, length)).hash === hash;
  }

  /** Reads a chunk of the new bytes. @returns true if more can be read at once */
  read(onLines: (lines: readonly Line[]) => void): boolean {
    const isSameText = this.#readHead();
    if (!isSameText || fstatSync(this.fd).size < this.offset) {
      // The file was truncated, so its whole content is new.
      this.#splitter = new LineSplitter(this.longest);
      this.offset = 0;
    }
    const length = readSync(this.fd, chunk, 0, CHUNK, this.offset);
    if (length === 0) return false;
    this.offset += length;
    const lines = this.#splitter.push(chunk.subarray(0, length));
    if (lines.length > 0) onLines(lines);
    return length === CHUNK;
  }

  /** The last line without its newline, for a file that no longer grows. */
  end(): Line | undefined {
    return this.#splitter.end();
  }

  close(): void {
    closeSync(this.fd);
  }

  /** @returns true if the file still begins with the same bytes */
  #readHead(): boolean {
    const now = begin.subarray(0, readSync(this.fd, begin, 0, HEAD_LENGTH, 0));
    const known = this.#head.length;
    const isSame = now.length >= known && now.subarray(0, known).equals(this.#head);
    if (isSame && now.length === known) return true;
    this.#head = Buffer.from(now);
    this.#hash = headOf(this.#head);
    return isSame;
  }
}
