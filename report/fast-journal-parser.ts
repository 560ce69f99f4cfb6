import type { JournalEvent } from '../active-response/record/journal.ts';
import type { Counted } from './counted-event.ts';
import { FAST_LINE } from './fast-line.ts';
import { KnownRequests } from './known-requests.ts';

const DATE = '{"time":"'.length;
const HOUR = '{"time":"2026-11-20T'.length;
const ZERO = '0'.charCodeAt(0);

/** Parses lines of the journal in the form that record() writes, three times as fast as JSON.parse. */
export class FastJournalParser {
  readonly #requests = new KnownRequests();
  #date = '';
  #midnight = 0;

  /** Parses a line; undefined if it has another form. The texts in the result keep the whole line in memory. */
  counted(line: string): Counted | undefined {
    const match = FAST_LINE.exec(line);
    if (match === null) return undefined;
    const [
      ,
      event,
      response,
      command,
      address,
      rule,
      level,
      alert,
      location,
      description,
      head,
      tail,
      offence,
    ] = match;
    return {
      time: this.#timeOf(line),
      event: event as JournalEvent['event'],
      response: response as string,
      command: command as JournalEvent['command'],
      address,
      rule,
      level: level === undefined ? undefined : Number(level),
      alert,
      location,
      description,
      offence: offence === undefined ? undefined : Number(offence),
      request: head === undefined || tail === undefined ? undefined : this.#requests.in(head, tail),
    };
  }

  /**
   * Returns what Date.parse() returns, but remembers the last date, because most lines have the same date as the line
   * before.
   */
  #timeOf(line: string): number {
    if (this.#date === '' || !line.startsWith(this.#date, DATE)) {
      this.#date = line.slice(DATE, HOUR - 1);
      this.#midnight = Date.parse(this.#date);
    }
    const digit = (at: number) => line.charCodeAt(HOUR + at) - ZERO;
    const minutes = (digit(0) * 10 + digit(1)) * 60 + digit(3) * 10 + digit(4);
    const milliseconds = digit(6) * 10_000 + digit(7) * 1000 + digit(9) * 100 + digit(10) * 10 + digit(11);
    return this.#midnight + minutes * 60_000 + milliseconds;
  }
}
