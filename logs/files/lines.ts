/** A line of a log. */
export interface Line {
  /** Its bytes as latin1, without the newline. A longer line is cut to the number of bytes that the splitter keeps. */
  text: string;
  /** The number of bytes that were left out. Readers do not trust a line with missing bytes. */
  cut: number;
}

/** Longer lines are cut for decoders: Wazuh's OS_MAXSTR. */
export const MAX_LINE = 65_536;

/**
 * Longer lines are cut for readers. By default, Apache accepts up to 8190 bytes for each of request line, Referer and
 * User-Agent, and nginx accepts 32 KB of headers. A log may show every byte of them as `\\u00xx` in JSON. A client
 * must not make its line unreadable by such a request.
 */
export const MAX_READER_LINE = 1024 * 1024;

const NEWLINE = 10;

/** Makes lines from the pieces between newlines: without a final carriage return, and without empty lines. */
export const withoutEmpty = (pieces: readonly string[]): string[] =>
  pieces.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line)).filter((line) => line !== '');

/**
 * Splits a stream into lines, and yields the lines of each piece together, because a step of an asynchronous loop costs
 * as much as judging a line.
 *
 * @param longest bytes of a line that are kept
 */
export async function* readLines(stream: AsyncIterable<Buffer>, longest = MAX_LINE): AsyncGenerator<Line[]> {
  const splitter = new LineSplitter(longest);
  for await (const chunk of stream) {
    const lines = splitter.push(chunk);
    if (lines.length > 0) yield lines;
  }
  const last = splitter.end();
  if (last) yield [last];
}

/**
 * Cuts a line for decoders, as a manager would.
 *
 * @returns the line itself if it is not longer than MAX_LINE
 */
export function asManagersSee(line: Line): Line {
  const over = line.text.length - MAX_LINE;
  return over <= 0 ? line : { text: line.text.slice(0, MAX_LINE), cut: line.cut + over };
}

/**
 * Splits pieces of a stream into lines. A line may be of any length: surplus bytes are counted and dropped, so it is
 * never in memory as a whole.
 */
export class LineSplitter {
  #rest: Buffer[] = [];
  #length = 0;

  /** @param longest bytes of a line that are kept */
  constructor(private readonly longest = MAX_LINE) {}

  /** Bytes of a line that has not ended yet. */
  get pending(): number {
    return this.#length;
  }

  /** The lines that end in this piece. The piece may be overwritten afterwards. */
  push(chunk: Buffer): Line[] {
    const lines: Line[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      if (this.#length === 0) {
        lines.push(toLine(chunk, start, end, this.longest));
      } else {
        this.#keep(chunk.subarray(0, end));
        lines.push(this.#joined());
      }
      start = end + 1;
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
    return lines;
  }

  /** The text after the last newline; undefined if there is none. */
  end(): Line | undefined {
    return this.#length > 0 ? this.#joined() : undefined;
  }

  #keep(piece: Buffer): void {
    const room = this.longest - this.#length;
    if (room > 0) this.#rest.push(Buffer.from(piece.subarray(0, room)));
    this.#length += piece.length;
  }

  #joined(): Line {
    const whole = Buffer.concat(this.#rest);
    const { text } = toLine(whole, 0, whole.length, this.longest);
    const cut = this.#length - text.length;
    this.#rest = [];
    this.#length = 0;
    return { text, cut };
  }
}

function toLine(bytes: Buffer, start: number, end: number, longest: number): Line {
  const last = Math.min(end, start + longest);
  return { text: bytes.toString('latin1', start, last), cut: end - last };
}
