import type { Readable } from 'node:stream';
import { deadline } from '../deadline.ts';
import { EX, RiposteError } from '../errors.ts';

/** The longest line that a manager sends: execd's own buffer. */
export const LONGEST_LINE = 64 * 1024;

/**
 * Reads single lines from a stream that the writer keeps open: Wazuh's execd never closes it before the
 * response has ended, so reading to the end would wait for ever.
 */
export class LineReader {
  #rest = Buffer.alloc(0);
  #ended = false;
  #isLate = false;
  #failure: RiposteError | undefined;
  #wake = () => {};

  constructor(private readonly stream: Readable) {
    stream.on('data', (chunk: Buffer) => this.#take(chunk));
    stream.on('end', () => this.#finish());
    stream.on('error', (error) =>
      this.#finish(new RiposteError(EX.IOERR, `cannot read standard input: ${error.message}`)),
    );
  }

  /**
   * The next line, without its end; at the end of the stream what is left. Undefined when there is nothing
   * left, or when `milliseconds` have passed. Bytes that are not UTF-8 become U+FFFD: a log line with such
   * bytes in it must not keep its sender from being blocked.
   *
   * @throws RiposteError (DATAERR) when the line is longer than LONGEST_LINE
   */
  async next(milliseconds: number): Promise<string | undefined> {
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
    if ((end === -1 ? this.#rest.length : end) > LONGEST_LINE) {
      this.#finish(tooLong());
    }
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

/** The line itself. @throws RiposteError (DATAERR) when it is longer than LONGEST_LINE */
export function checkLength(line: string): string {
  if (Buffer.byteLength(line) > LONGEST_LINE) throw tooLong();
  return line;
}

const tooLong = () => new RiposteError(EX.DATAERR, `the message is longer than ${LONGEST_LINE} bytes`);
