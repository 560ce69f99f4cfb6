import { configError } from '../failure.ts';
import type { RiposteError } from '../../active-response/errors.ts';

/** Reads a text character by character and knows the line it is on. */
export class Cursor {
  private at = 0;
  line = 1;

  constructor(
    private readonly text: string,
    readonly file: string,
  ) {}

  /** The next character, or undefined at the end. */
  next(): string | undefined {
    const char = this.text[this.at++];
    if (char === '\n') this.line++;
    return char;
  }

  /** Goes past `mark` when the text goes on with it. */
  take(mark: string): boolean {
    if (!this.text.startsWith(mark, this.at)) return false;
    this.skip(mark.length);
    return true;
  }

  /** Goes past the first of the marks; false when none of them follows any more. */
  skipPast(...marks: string[]): boolean {
    const ends = marks.map((mark) => [this.text.indexOf(mark, this.at), mark.length] as const);
    const found = ends.filter(([start]) => start >= 0).sort(([a], [b]) => a - b)[0];
    if (!found) return false;
    this.skip(found[0] + found[1] - this.at);
    return true;
  }

  error(message: string): RiposteError {
    return configError({ file: this.file, line: this.line }, message);
  }

  private skip(count: number): void {
    for (let i = 0; i < count; i++) this.next();
  }
}
