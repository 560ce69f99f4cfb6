import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type LoggedAlert, parseAlert } from '../active-response/alerts-log.ts';
import type { Home } from '../active-response/home.ts';
import { readRegular } from '../base/files.ts';
import type { Counted } from './counted-event.ts';
import { requestIn } from './request-in.ts';

/** The number of bytes to read of an alert: enough for its fields and its first log lines. */
const LONGEST = 16 * 1024;
/** The number of bytes to search for one alert, and the number of bytes to read at once. */
const SEARCHED = 4 * 1024 * 1024;
const PIECE = 256 * 1024;
/** Alerts in a file may be out of order by this many seconds. */
const DISORDER = 5;
/** The most bytes to unpack of a compressed day, to bound the memory. */
const LARGEST_DAY = 512 * 1024 * 1024;

/** The text of one day's alerts, by offset. */
interface Day {
  readonly size: number;
  read(offset: number, length: number): string;
  close(): void;
}

/**
 * Finds requests in logs/alerts of an OSSEC server by the alert's id, because OSSEC does not pass log lines to its
 * responses. The id consists of the time and the alert's offset in the file; if analysisd runs several threads, a
 * number replaces the offset (`alert_id` in analysisd/alerts/log.c of OSSEC 4.3). Each day has its own file, which
 * ossec-monitord compresses later.
 */
export class LoggedRequests {
  readonly #directory: string;
  readonly #isThere: boolean;
  #name = '';
  #day: Day | undefined;
  #place = 0;
  #last: { readonly id: string; readonly alert: LoggedAlert | undefined } | undefined;

  constructor({ root }: Pick<Home, 'root'>) {
    this.#directory = join(root, 'logs/alerts');
    this.#isThere = existsSync(this.#directory);
  }

  /** Adds the request, level and description of the alert to an event, if the journal has no request. */
  complete(event: Counted): Counted {
    const { alert: id, request, command } = event;
    if (!this.#isThere || request !== undefined || command !== 'add' || typeof id !== 'string') return event;
    const alert = this.#alertOf(id);
    if (alert === undefined) return event;
    const found = alert.log.map((line) => requestIn(line)).find((each) => each.request !== undefined);
    return {
      ...event,
      request: found,
      level: event.level ?? alert.ruleLevel,
      description: event.description ?? alert.description,
    };
  }

  close(): void {
    this.#day?.close();
    this.#day = undefined;
    this.#name = '';
    this.#place = 0;
  }

  /** Keeps the last alert, because several responses may answer the same alert in succession. */
  #alertOf(id: string): LoggedAlert | undefined {
    if (this.#last?.id === id) return this.#last.alert;
    const [, seconds, offset] = /^(\d{1,11})\.(\d{1,15})$/.exec(id) ?? [];
    const day = seconds === undefined ? undefined : this.#dayOf(Number(seconds) * 1000);
    const alert =
      day && (parseAlert(day.read(Number(offset), LONGEST), id) ?? this.#search(day, id, Number(seconds)));
    this.#last = { id, alert };
    return alert;
  }

  /**
   * Searches after the alert found last, because the journal has the alerts in the same order. If that fails, searches
   * by time.
   */
  #search(day: Day, id: string, seconds: number): LoggedAlert | undefined {
    const at =
      placeOf(day, id, this.#place, this.#place + PIECE) ??
      placeOf(day, id, startOf(day, seconds - DISORDER), undefined, seconds + DISORDER);
    if (at === undefined) return undefined;
    this.#place = at;
    return parseAlert(day.read(at, LONGEST), id);
  }

  /** Keeps one day open, because events come in the order of time. */
  #dayOf(time: number): Day | undefined {
    const date = new Date(time);
    const number = String(date.getDate()).padStart(2, '0');
    const name = `${date.getFullYear()}/${MONTHS[date.getMonth()]}/ossec-alerts-${number}.log`;
    if (name === this.#name) return this.#day;
    this.close();
    this.#name = name;
    this.#day = openDay(join(this.#directory, name));
    return this.#day;
  }
}

/** Returns the offset of an alert. @param latest an alert after this second ends the search */
function placeOf(
  day: Day,
  id: string,
  from: number,
  to = from + SEARCHED,
  latest = Number.POSITIVE_INFINITY,
): number | undefined {
  const head = `\n** Alert ${id}:`;
  // Begin one byte earlier, at the end of the previous line. The text is latin1, so that an index is an offset.
  for (let at = Math.max(0, from - 1); at < Math.min(to, day.size); at += PIECE - head.length) {
    const text = `${at === 0 ? '\n' : ''}${day.read(at, PIECE)}`;
    const found = text.indexOf(head);
    if (found !== -1) return at + found + (at === 0 ? 0 : 1);
    if (secondsIn(text) > latest) return undefined;
  }
  return undefined;
}

/** Finds an offset before the first alert of a second. Binary search works, because alerts are ordered by time. */
function startOf(day: Day, seconds: number): number {
  let [low, high] = [0, day.size];
  while (high - low > PIECE) {
    const middle = Math.floor((low + high) / 2);
    if (secondsIn(day.read(middle, LONGEST)) < seconds) low = middle;
    else high = middle;
  }
  return low;
}

/** The second of the first whole alert in a text; infinite if the text has no whole alert. */
const secondsIn = (text: string): number => {
  const found = /\n\*\* Alert (\d+)\./.exec(text)?.[1];
  return found === undefined ? Number.POSITIVE_INFINITY : Number(found);
};

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * Opens the file of a day. Undefined if the file is missing or cannot be read; then a report has no requests of that
 * day.
 */
function openDay(file: string): Day | undefined {
  try {
    return existsSync(file) ? plainDay(file) : existsSync(`${file}.gz`) ? packedDay(`${file}.gz`) : undefined;
  } catch {
    return undefined;
  }
}

function plainDay(file: string): Day | undefined {
  const fd = openSync(file, 'r');
  if (!fstatSync(fd).isFile()) {
    closeSync(fd);
    return undefined;
  }
  const buffer = Buffer.alloc(PIECE);
  return {
    size: fstatSync(fd).size,
    read: (offset, length) => buffer.toString('latin1', 0, readSync(fd, buffer, 0, length, offset)),
    close: () => closeSync(fd),
  };
}

function packedDay(file: string): Day {
  const bytes = gunzipSync(readRegular(file), { maxOutputLength: LARGEST_DAY });
  return {
    size: bytes.length,
    read: (offset, length) => bytes.toString('latin1', offset, offset + length),
    close: () => {},
  };
}
