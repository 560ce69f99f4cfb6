import type { RiposteError } from '../../base/errors.ts';
import { configError } from '../failure.ts';

/** Reads a text piece by piece and tracks the line number. */
export class Cursor {
  private at = 0;
  line = 1;

  constructor(
    private readonly text: string,
    readonly file: string,
  ) {}

  /** The number of characters read. */
  get position(): number {
    return this.at;
  }

  /** The next character, or undefined at the end. */
  next(): string | undefined {
    const char = this.text[this.at];
    this.moveTo(this.at + 1);
    return char;
  }

  /** Reads past `mark` when the text continues with it. */
  take(mark: string): boolean {
    if (!this.text.startsWith(mark, this.at)) return false;
    this.moveTo(this.at + mark.length);
    return true;
  }

  /** Returns the text up to the next `char`, and reads past that `char`; undefined when no `char` follows. */
  takeUntil(char: string): string | undefined {
    const end = this.text.indexOf(char, this.at);
    if (end < 0) return undefined;
    const taken = this.text.slice(this.at, end);
    this.moveTo(end + 1);
    return taken;
  }

  /** Reads the text that matches the pattern here; the text may be empty. The pattern must have the flag `y`. */
  takeMatch(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const taken = pattern.exec(this.text)?.[0] ?? '';
    this.moveTo(this.at + taken.length);
    return taken;
  }

  /** Reads past the first of the marks; false when none follows. */
  skipPast(...marks: string[]): boolean {
    const ends = marks.map((mark) => [this.text.indexOf(mark, this.at), mark.length] as const);
    const found = ends.filter(([start]) => start >= 0).sort(([a], [b]) => a - b)[0];
    if (!found) return false;
    this.moveTo(found[0] + found[1]);
    return true;
  }

  error(message: string): RiposteError {
    return configError({ file: this.file, line: this.line }, message);
  }

  private moveTo(end: number): void {
    for (let i = this.text.indexOf('\n', this.at); i >= 0 && i < end; i = this.text.indexOf('\n', i + 1))
      this.line++;
    this.at = end;
  }
}
