/** A line of a log. */
export interface Line {
  /** Its bytes as latin1, without the newline, and at most MAX_LINE of them. */
  text: string;
  /** Bytes that were left out, because the line is longer than any manager would look at. */
  cut: number;
}

/** Longer lines are cut: Wazuh's OS_MAXSTR. Apache writes no request line over 8 KB by default. */
export const MAX_LINE = 65_536;

const NEWLINE = 10;

/**
 * Parts a stream into lines, and gives those of each piece of it together: a step of an asynchronous loop
 * costs as much as judging a line.
 */
export async function* readLines(stream: AsyncIterable<Buffer>): AsyncGenerator<Line[]> {
  const splitter = new LineSplitter();
  for await (const chunk of stream) {
    const lines = splitter.push(chunk);
    if (lines.length > 0) yield lines;
  }
  const last = splitter.end();
  if (last) yield [last];
}

/**
 * Parts pieces of a stream into lines. A line may be of any length: what is over MAX_LINE is counted and
 * dropped, so that it never is in memory as a whole.
 */
export class LineSplitter {
  #rest: Buffer[] = [];
  #length = 0;

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
        lines.push(toLine(chunk, start, end));
      } else {
        this.#keep(chunk.subarray(0, end));
        lines.push(this.#joined());
      }
      start = end + 1;
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
    return lines;
  }

  /** What stands behind the last newline, when there is something. */
  end(): Line | undefined {
    return this.#length > 0 ? this.#joined() : undefined;
  }

  #keep(piece: Buffer): void {
    if (this.#length < MAX_LINE) this.#rest.push(Buffer.from(piece));
    this.#length += piece.length;
  }

  #joined(): Line {
    const whole = Buffer.concat(this.#rest);
    const { text } = toLine(whole, 0, whole.length);
    const cut = this.#length - Math.min(this.#length, MAX_LINE);
    this.#rest = [];
    this.#length = 0;
    return { text, cut };
  }
}

function toLine(bytes: Buffer, start: number, end: number): Line {
  const last = Math.min(end, start + MAX_LINE);
  return { text: bytes.toString('latin1', start, last), cut: end - last };
}
