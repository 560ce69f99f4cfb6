import { ownCopy } from '../../base/own-copy.ts';
import { detectableFormats } from './formats.ts';
import type { LineReader, LinesBefore, LogFormat, ReaderOptions, Reading } from './reading.ts';
import { unreadable } from './reading.ts';

/** Once a format that was recognized from the lines has read this many lines, it is the log's format for good. */
const FIRM = 20;

/** The number of the last lines that decide whether a log can be read. Fewer than FEW lines do not decide. */
const RECENT = 200;
const FEW = 20;

/** The state of knowledge about a log's format. */
export interface FormatState {
  /** A name of FORMATS, or of a LOG_FORMAT_… setting; undefined until it is known. */
  readonly format: string | undefined;
  /** The source that decided it: a setting, the web server's configuration, or the log's lines. */
  readonly origin: 'setting' | 'configuration' | 'lines';
  readonly isFirm: boolean;
  /** Formats that all read the first lines: an administrator has to choose one. */
  readonly tied: readonly string[];
}

/** Lines that could not be read, or have no client, for the same reason. */
export interface Example {
  readonly reason: string;
  /** False if the lines were read, but have no client. */
  readonly isUnreadable: boolean;
  count: number;
  /** The beginning of the first such line. */
  readonly line: string;
}

/** A line of 64 KB comes in four pieces of 16 KB, and pieces of other lines may come between them. */
const MOST_UNDECIDED = 8;

/** The most reasons that are kept: some reasons quote words of the line, so an attacker can make new reasons. */
const MOST_EXAMPLES = 20;

const GOOD = 0;
const UNREADABLE = 1;
const CLIENTLESS = 2;

/** The counts of a log's lines. */
export interface LineCounts {
  lines: number;
  unreadable: number;
  withoutTime: number;
  /** Requests without a client that can be trusted. */
  withoutClient: number;
}

/**
 * Reads the lines of one log. A log has one format for its whole life: the known format, else the only format that
 * reads its lines from the first on. A line that is not in that format is unreadable; no other format is tried.
 */
export class LogReader implements LineReader {
  readonly counts: LineCounts = { lines: 0, unreadable: 0, withoutTime: 0, withoutClient: 0 };
  readonly #examples = new Map<string, Example>();
  /** The kind of each of the last lines: GOOD, UNREADABLE or CLIENTLESS. */
  readonly #recent = new Uint8Array(RECENT);
  /** The number of the last lines of each kind. */
  readonly #recentCounts = [0, 0, 0];
  #complaint: string | undefined;
  #hasLongLine = false;
  #format: LogFormat | undefined;
  #reader: LineReader | undefined;
  /** The formats that can read all lines so far. */
  #candidates: readonly LogFormat[];
  /** The formats that are left after a line that several formats can read. */
  #tied: readonly LogFormat[] = [];
  #origin: FormatState['origin'];
  #agreed = 0;
  #someClient: string | undefined;
  #before: LinesBefore | undefined;
  /** The last lines that did not decide the format. A reader needs them if the next line is the end of a split line. */
  readonly #undecided: string[] = [];

  /**
   * @param format the known format, if there is one
   * @param formats the formats that can be recognized from lines, if no format is known
   */
  constructor(
    private readonly options: ReaderOptions,
    format?: { readonly format: LogFormat; readonly origin: FormatState['origin']; readonly isFirm: boolean },
    formats: readonly LogFormat[] = detectableFormats(),
  ) {
    this.#candidates = formats;
    this.#origin = format?.origin ?? 'lines';
    if (format) this.#use(format.format);
    if (format?.isFirm) this.#agreed = FIRM;
  }

  get state(): FormatState {
    const isFirm = this.#origin !== 'lines' || this.#agreed >= FIRM;
    const tied = this.#format ? [] : this.#tied.map(({ name }) => name);
    return { format: this.#format?.name, origin: this.#origin, isFirm, tied };
  }

  get format(): LogFormat | undefined {
    return this.#format;
  }

  /**
   * Gives the reader the lines before its first line: a format may need the log's header, and a carrier may need the
   * beginning of a split line. If the format is unknown, it is recognized from these lines. These lines are not
   * counted.
   */
  begin(before: LinesBefore): void {
    this.#before = before;
    this.#reader?.begin?.(before);
    for (const line of [...before.head, ...before.last]) {
      if (this.#reader) return;
      this.#recognize(line);
    }
  }

  read(line: string): Reading {
    const reading = this.#reader ? this.#reader.read(line) : this.#readFirst(line);
    this.#count(reading, line);
    return reading;
  }

  /** For each reason, the first line that could not be read or has no client. */
  get examples(): readonly Example[] {
    return [...this.#examples.values()];
  }

  /** The client of one of the requests since the last call, as a sample of the clients. */
  takeSomeClient(): string | undefined {
    const client = this.#someClient;
    this.#someClient = undefined;
    return client;
  }

  /**
   * The problem, when more than one in ten of the last lines cannot be read, or more than half of them are requests
   * without a client: Riposte answers no attack in such lines.
   *
   * @returns undefined while there is no problem, or too few lines have come
   */
  get complaint(): string | undefined {
    const recent = Math.min(this.counts.lines, RECENT);
    // Keep the same text until the shares have halved, so that the problem is reported only once.
    const [, unreadable = 0, clientless = 0] = this.#recentCounts;
    if (unreadable * 20 <= recent && clientless * 4 <= recent) this.#complaint = undefined;
    else if (recent >= FEW && unreadable * 10 > recent)
      this.#complaint ??= this.#newComplaint(unreadable, recent);
    else if (recent >= FEW && clientless * 2 > recent)
      this.#complaint ??= this.#clientlessComplaint(clientless, recent);
    return this.#complaint;
  }

  /** A sentence about lines that were too long to be kept whole; undefined if no line was too long. */
  get longLineRemark(): string | undefined {
    return this.#hasLongLine
      ? 'a line is longer than 1 MB: Riposte counts it as unreadable, and does not judge it'
      : undefined;
  }

  #clientlessComplaint(clientless: number, recent: number): string {
    const commonest = this.#commonest((each) => !each.isUnreadable);
    return `${clientless} of the last ${recent} lines have no client, so Riposte blocks no source for these lines: a line ${commonest}`;
  }

  #commonest(isMeant: (each: Example) => boolean): string {
    const [first] = [...this.#examples.values()].filter(isMeant).sort((a, b) => b.count - a.count);
    return first?.reason ?? 'is odd';
  }

  #newComplaint(unreadable: number, recent: number): string {
    const { format, tied } = this.state;
    const share = `${unreadable} of the last ${recent} lines cannot be read`;
    if (format !== undefined)
      return `${share} as ${format}: a line ${this.#commonest((each) => each.isUnreadable)}`;
    const which = tied.length > 0 ? `may be in ${tied.join(' or ')}` : 'are in no format that Riposte knows';
    return `${share}: they ${which}; say which in LOGS (PATH=FORMAT)`;
  }

  /** Counts a line that was too long to be kept whole. It is unreadable, because half of a line may mislead. */
  readCut(line: string): Reading {
    this.#reader?.readCut?.(line);
    this.#hasLongLine = true;
    const reading = unreadable('is longer than 1 MB');
    this.#count(reading, line);
    return reading;
  }

  #readFirst(line: string): Reading {
    const only = this.#recognize(line);
    return typeof only === 'string' ? unreadable(only) : only.read(line);
  }

  /**
   * Drops the formats that a line excludes. While several are left, no line is read. If a log's first lines exclude a
   * format, a later line in that format is a text that a program or a client has written into the log.
   *
   * @returns the reader of the only format left, or why there is none
   */
  #recognize(line: string): LineReader | string {
    if (line !== '') this.#candidates = this.#candidates.filter((format) => this.#mayHold(format, line));
    const able = this.#candidates.filter((format) => this.#isToldBy(format, line));
    const [only, other] = able;
    if (only !== undefined && other === undefined) return this.#use(only);
    this.#undecided.push(line);
    if (this.#undecided.length > MOST_UNDECIDED) this.#undecided.shift();
    if (able.length === 0) return 'is in no format that Riposte knows';
    this.#candidates = able;
    this.#tied = able;
    return `may be in the format ${able.map(({ name }) => name).join(' or ')}`;
  }

  #mayHold(format: LogFormat, line: string): boolean {
    return format.mayHold?.(line) ?? this.#reads(format, line);
  }

  #isToldBy(format: LogFormat, line: string): boolean {
    return format.isToldBy?.(line) !== false && this.#reads(format, line);
  }

  #reads(format: LogFormat, line: string): boolean {
    return this.#newReader(format).read(line).kind !== 'unreadable';
  }

  #newReader(format: LogFormat): LineReader {
    const reader = format.newReader({ ...this.options, isTold: this.#origin === 'lines' });
    const { head = [], last = [] } = this.#before ?? {};
    if (head.length + last.length + this.#undecided.length > 0)
      reader.begin?.({ head, last: [...last, ...this.#undecided] });
    return reader;
  }

  #use(format: LogFormat): LineReader {
    this.#format = format;
    this.#reader = this.#newReader(format);
    return this.#reader;
  }

  #count(reading: Reading, line: string): void {
    const { counts } = this;
    const isClientless = reading.kind === 'access' && reading.client === undefined;
    this.#countRecent(reading.kind === 'unreadable' ? UNREADABLE : isClientless ? CLIENTLESS : GOOD);
    counts.lines++;
    if (reading.kind === 'unreadable') {
      counts.unreadable++;
      this.#note(reading.reason, line, true);
      return;
    }
    if (reading.kind === 'nothing') return;
    if (this.#agreed < FIRM) this.#agreed++;
    if (reading.time === undefined) counts.withoutTime++;
    if (reading.client !== undefined) {
      if (this.#someClient === undefined && reading.kind === 'access')
        this.#someClient = ownCopy(reading.client);
      return;
    }
    counts.withoutClient++;
    this.#note(reading.noClient ?? 'has no client', line, false);
  }

  #countRecent(kind: number): void {
    const place = this.counts.lines % RECENT;
    const counts = this.#recentCounts;
    const before = this.#recent[place] ?? GOOD;
    if (this.counts.lines >= RECENT) counts[before] = (counts[before] ?? 0) - 1;
    counts[kind] = (counts[kind] ?? 0) + 1;
    this.#recent[place] = kind;
  }

  #note(reason: string, line: string, isUnreadable: boolean): void {
    const known = this.#examples.get(reason);
    if (known) known.count++;
    else if (this.#examples.size < MOST_EXAMPLES)
      this.#examples.set(reason, {
        reason,
        isUnreadable,
        count: 1,
        line: ownCopy(line.slice(0, 400)),
      });
  }
}
