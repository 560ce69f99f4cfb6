import { closeSync, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { fileError, isMissing } from '../../active-response/files.ts';
import { type Line, LineSplitter } from '../lines.ts';
import { noFile, READ } from '../logs/no-file.ts';
import { HEAD_LENGTH, type Head, headOf } from '../logs/position.ts';

/** How many bytes are read at once, and of one log before the others have their turn. */
const CHUNK = 256 * 1024;
/** One for all logs: what is read is judged before the next is. */
const chunk = Buffer.allocUnsafeSlow(CHUNK);
const begin = Buffer.allocUnsafeSlow(HEAD_LENGTH);

/** A log that is open, and how far it is read. */
export class OpenLog {
  #splitter = new LineSplitter();
  /** The first bytes of what is read: when they change it is another text, however long. */
  #head = Buffer.alloc(0);
  #hash: Head = headOf(this.#head);

  private constructor(
    private readonly fd: number,
    private readonly stats: Stats,
    private offset: number,
  ) {
    this.#readHead();
  }

  /**
   * @param from bytes that were read before; undefined: all
   * @returns undefined when there is no such file
   * @throws RiposteError (NOPERM, IOERR) when it cannot be read, or is no file
   */
  static open(path: string, from: number | undefined): OpenLog | undefined {
    try {
      const fd = openSync(path, READ);
      const stats = fstatSync(fd);
      if (stats.isFile()) return new OpenLog(fd, stats, from ?? stats.size);
      closeSync(fd);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw fileError('read', path, error);
    }
    throw noFile(path);
  }

  /** Whether this is the file that these were told of. */
  is({ dev, ino }: Stats): boolean {
    return dev === this.stats.dev && ino === this.stats.ino;
  }

  /** How far it has been read, in whole lines. */
  get position(): { offset: number; head: Head } {
    return { offset: this.offset - this.#splitter.pending, head: this.#hash };
  }

  /** Bytes that are there and were not read yet. */
  get lag(): number {
    return Math.max(0, fstatSync(this.fd).size - this.offset);
  }

  /** Whether the file begins with the bytes of a head that was taken before. */
  begins({ length, hash }: Head): boolean {
    return headOf(this.#head.subarray(0, length)).hash === hash;
  }

  /** Reads a chunk of what is new. @returns whether there is more to read at once */
  read(onLines: (lines: readonly Line[]) => void): boolean {
    const isSameText = this.#readHead();
    if (!isSameText || fstatSync(this.fd).size < this.offset) {
      // Truncated: what is there now was written since.
      this.#splitter = new LineSplitter();
      this.offset = 0;
    }
    const length = readSync(this.fd, chunk, 0, CHUNK, this.offset);
    if (length === 0) return false;
    this.offset += length;
    const lines = this.#splitter.push(chunk.subarray(0, length));
    if (lines.length > 0) onLines(lines);
    return length === CHUNK;
  }

  /** The line that has not ended, when nothing more will come. */
  end(): Line | undefined {
    return this.#splitter.end();
  }

  close(): void {
    closeSync(this.fd);
  }

  /** @returns whether the file still begins as it did */
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
