import type { Readable } from 'node:stream';
import { deadline } from '../../base/deadline.ts';
import { EX, RiposteError } from '../../base/errors.ts';

/** The longest line that a manager sends: the size of execd's buffer. */
export const LONGEST_LINE = 64 * 1024;

/**
 * Reads single lines from a stream that stays open: Wazuh's execd closes it only after the response has ended, so
 * reading to the end would never return.
 */
export class LineReader {
  #rest = Buffer.alloc(0);
  #ended = false;
  #isLate = false;
  #failure: RiposteError | undefined;
  #longest = LONGEST_LINE;
  #wake = () => {};

  constructor(private readonly stream: Readable) {
    stream.on('data', (chunk: Buffer) => this.#take(chunk));
    stream.on('end', () => this.#finish());
    stream.on('error', (error) =>
      this.#finish(new RiposteError(EX.IOERR, `cannot read standard input: ${error.message}`)),
    );
  }

  /**
   * Returns the next line without its end; at the end of the stream, the remaining text. Undefined when nothing
   * remains, or after `milliseconds`. Bytes that are not UTF-8 become U+FFFD: an attacker must not avoid a block by
   * putting such bytes into a log line.
   *
   * @param longest the maximum length, in bytes
   * @throws RiposteError (DATAERR) when the line is longer
   */
  async next(milliseconds: number, longest = LONGEST_LINE): Promise<string | undefined> {
    this.#longest = longest;
    const stopWaiting = deadline(milliseconds, () => {
      this.#isLate = true;
      this.#finish();
    });
    this.stream.resume();
    while (!this.#ended && !this.#rest.includes('\n'))
      await new Promise<void>((resolve) => (this.#wake = resolve));
    stopWaiting();
    this.stream.pause();
    if (this.#failure) throw this.#failure;
    return this.#isLate && !this.#rest.includes('\n') ? undefined : this.#cut();
  }

  #take(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const end = this.#rest.indexOf('\n');
    if ((end === -1 ? this.#rest.length : end) > this.#longest) this.#finish(tooLong(this.#longest));
    this.#wake();
  }

  #finish(failure?: RiposteError): void {
    this.#ended = true;
    this.#failure ??= failure;
    this.#wake();
  }

  #cut(): string | undefined {
    if (this.#rest.length === 0) return undefined;
    const end = this.#rest.indexOf('\n');
    const line = end === -1 ? this.#rest : this.#rest.subarray(0, end);
    this.#rest = end === -1 ? Buffer.alloc(0) : this.#rest.subarray(end + 1);
    return line.toString('utf8');
  }
}

/** Returns the line. @throws RiposteError (DATAERR) when it is longer than LONGEST_LINE */
export function checkLength(line: string): string {
  if (Buffer.byteLength(line) > LONGEST_LINE) throw tooLong(LONGEST_LINE);
  return line;
}

const tooLong = (limit: number) => new RiposteError(EX.DATAERR, `the message is longer than ${limit} bytes`);
