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
 * costs as much as judging a line. A line may be of any length: what is over MAX_LINE is counted and dropped,
 * so that it never is in memory as a whole.
 */
export async function* readLines(stream: AsyncIterable<Buffer>): AsyncGenerator<Line[]> {
  let rest: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    const lines: Line[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      if (length === 0) {
        lines.push(toLine(chunk, start, end));
      } else {
        keep(chunk.subarray(0, end));
        lines.push(joined());
      }
      start = end + 1;
    }
    if (start < chunk.length) keep(chunk.subarray(start));
    if (lines.length > 0) yield lines;
  }
  if (length > 0) yield [joined()];

  function keep(piece: Buffer): void {
    if (length < MAX_LINE) rest.push(piece);
    length += piece.length;
  }

  function joined(): Line {
    const whole = Buffer.concat(rest);
    const { text } = toLine(whole, 0, whole.length);
    const cut = length - Math.min(length, MAX_LINE);
    rest = [];
    length = 0;
    return { text, cut };
  }
}

function toLine(bytes: Buffer, start: number, end: number): Line {
  const last = Math.min(end, start + MAX_LINE);
  return { text: bytes.toString('latin1', start, last), cut: end - last };
}
