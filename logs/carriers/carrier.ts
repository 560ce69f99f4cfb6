import { closingQuote } from '../readers/quotes.ts';
import type { LineReader, LinesBefore, LogFormat, ReaderOptions, Reading } from '../readers/reading.ts';
import { NOTHING, unreadable } from '../readers/reading.ts';

/** A wrapper around every line of a log: syslog's header, Docker's JSON, … */
export interface Carrier {
  /** The name that `LOGS=/path=NAME:FORMAT` takes. */
  readonly name: string;
  /** True if a line never says whether the program wrote it to its standard output or its standard error. */
  readonly hidesStream?: boolean;
  newOpener(options: ReaderOptions): Opener;
}

/** The result of opening one line. */
export type Opened =
  /** The line inside. `time`: when the carrier received it (seconds since 1970), for lines without a time. */
  | {
      readonly line: string;
      readonly time?: number | undefined;
      /** True if the program wrote it to its standard error. */
      readonly isError?: boolean | undefined;
    }
  /** A piece of a line that has not ended; the next pieces are joined to it. */
  | 'incomplete'
  /**
   * The reason why there is no line: the carrier's form is wrong, or a piece is missing, so the rest is an attacker's
   * text.
   */
  | { readonly reason: string };

/** Opens the lines of one log, in their order. */
export interface Opener {
  open(line: string): Opened;
  /** Tells the opener whether the next lines precede the first line to read. The log may begin before these lines. */
  lookBack?(isLooking: boolean): void;
  /** Tells the opener that the last line may have been cut: it is not in the format, or ends inside a quoted text. */
  suspectCut?(): void;
}

/** The format of a log whose lines come in a carrier. */
export function carried(carrier: Carrier, format: LogFormat): LogFormat {
  return {
    name: `${carrier.name}:${format.name}`,
    holds: format.holds,
    isOnStandardError: format.isOnStandardError === true,
    isForgeable: carrier.hidesStream === true && isOnStandardOutput(format),
    newReader: (options) => new CarriedReader(carrier, format, options),
    // A container's other output, such as its messages at the start, comes in the same carrier.
    mayHold: (line) => {
      const opened = openedAlone(carrier, line);
      return opened === 'incomplete' || 'line' in opened || line.startsWith('{');
    },
    isToldBy: (line) => {
      const opened = openedAlone(carrier, line);
      if (typeof opened !== 'object' || !('line' in opened) || isOutOfPlace(format, opened)) return false;
      return format.isToldBy?.(opened.line) !== false;
    },
  };
}

/** Opens a line without the lines before it. */
const openedAlone = (carrier: Carrier, line: string): Opened =>
  carrier.newOpener({ policy: { trustsPeer: false, proxies: undefined }, now: 0 }).open(line);

/**
 * True if the line cannot belong to an access log, because it comes from standard error and servers write access logs
 * to standard output. On standard error, nginx, PHP and CGI programs write a client's line breaks and quotes as they
 * are, so a client could write whole lines.
 */
const isOutOfPlace = (format: LogFormat, { isError }: { isError?: boolean | undefined }): boolean =>
  isError === true && isOnStandardOutput(format);

const isOnStandardOutput = ({ holds, isOnStandardError }: LogFormat): boolean =>
  holds === 'access' && isOnStandardError !== true;

class CarriedReader implements LineReader {
  /** True once a line has come from standard output, where the access log is. */
  #hasOutput = false;
  readonly #opener: Opener;
  readonly #reader: LineReader;

  constructor(
    private readonly carrier: Carrier,
    private readonly format: LogFormat,
    private readonly options: ReaderOptions,
  ) {
    this.#opener = carrier.newOpener(options);
    this.#reader = format.newReader(options);
  }

  begin({ head, last }: LinesBefore): void {
    this.#reader.begin?.({ head: this.#inside(head), last: [] });
    this.#opener.lookBack?.(true);
    for (const line of last) this.read(line);
    this.#opener.lookBack?.(false);
  }

  read(line: string): Reading {
    const opened = this.#opener.open(line);
    if (opened === 'incomplete') return NOTHING;
    if ('reason' in opened) return unreadable(opened.reason);
    if (isOutOfPlace(this.format, opened))
      return this.#hasOutput
        ? NOTHING
        : unreadable('comes from standard error, where clients can write lines');
    this.#hasOutput = true;
    const reading = this.#reader.read(opened.line);
    const isSuspect = reading.kind === 'unreadable' || endsInQuotes(opened.line);
    if (isSuspect && this.format.cutsLines !== true) this.#opener.suspectCut?.();
    const isTimeless = (reading.kind === 'access' || reading.kind === 'error') && reading.time === undefined;
    return isTimeless ? { ...reading, time: opened.time } : reading;
  }

  readCut(line: string): void {
    const opened = this.#opener.open(line);
    if (typeof opened === 'object' && 'line' in opened) this.#opener.suspectCut?.();
  }

  /** Opens the lines, and returns the lines inside. Leaves out lines that cannot be opened or are out of place. */
  #inside(lines: readonly string[]): string[] {
    const opener = this.carrier.newOpener(this.options);
    const opened = lines.map((line) => opener.open(line));
    return opened.flatMap((each) =>
      typeof each === 'object' && 'line' in each && !isOutOfPlace(this.format, each) ? [each.line] : [],
    );
  }
}

/** True if a quoted text begins in the line and does not end in it. */
function endsInQuotes(line: string): boolean {
  // An escaped quote begins no quoted text, because a user name that is not in quotes may contain an escaped quote.
  for (let at = closingQuote(line, 0); at >= 0; ) {
    const end = closingQuote(line, at + 1);
    if (end < 0) return true;
    at = closingQuote(line, end + 1);
  }
  return false;
}
