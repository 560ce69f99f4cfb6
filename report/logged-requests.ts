import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type LoggedAlert, parseAlert } from '../active-response/alerts-log.ts';
import type { Home } from '../active-response/home.ts';
import { readRegular } from '../base/files.ts';
import type { Counted } from './counted-event.ts';
import { requestIn } from './request-in.ts';

/** The number of bytes that are read of an alert: its fields, and the first of its log lines. */
const LONGEST = 16 * 1024;
/** The number of bytes that are searched for one alert, and the number that is read at once. */
const SEARCHED = 4 * 1024 * 1024;
const PIECE = 256 * 1024;
/** The time by which alerts may be out of order, in seconds. */
const DISORDER = 5;
/** The most bytes of a compressed day that are unpacked, to bound the memory. */
const LARGEST_DAY = 512 * 1024 * 1024;

/** The text of one day's alerts, by offset. */
interface Day {
  readonly size: number;
  read(offset: number, length: number): string;
  close(): void;
}

/**
 * Finds the requests that OSSEC does not pass to its responses: on its server they are in logs/alerts, under the
 * alert's id. The id holds the time, and the alert's offset, or with several threads of analysisd a number (`alert_id`
 * in analysisd/alerts/log.c of OSSEC 4.3). Each day has a file of its own, which ossec-monitord compresses later.
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

  /** The event with request, level and description of its alert, if the journal has none. */
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

  /** Several responses answer one alert, one after the other. */
  #alertOf(id: string): LoggedAlert | undefined {
    if (this.#last?.id === id) return this.#last.alert;
    const [, seconds, offset] = /^(\d{1,11})\.(\d{1,15})$/.exec(id) ?? [];
    const day = seconds === undefined ? undefined : this.#dayOf(Number(seconds) * 1000);
    const alert =
      day && (parseAlert(day.read(Number(offset), LONGEST), id) ?? this.#search(day, id, Number(seconds)));
    this.#last = { id, alert };
    return alert;
  }

  /** Looks behind the last alert, because the journal has the alerts in the same order; else searches by time. */
  #search(day: Day, id: string, seconds: number): LoggedAlert | undefined {
    const at =
      placeOf(day, id, this.#place, this.#place + PIECE) ??
      placeOf(day, id, startOf(day, seconds - DISORDER), undefined, seconds + DISORDER);
    if (at === undefined) return undefined;
    this.#place = at;
    return parseAlert(day.read(at, LONGEST), id);
  }

  /** Events come in the order of time, so one day at once is enough. */
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

/** The offset of an alert. @param latest the search ends at an alert after this second */
function placeOf(
  day: Day,
  id: string,
  from: number,
  to = from + SEARCHED,
  latest = Number.POSITIVE_INFINITY,
): number | undefined {
  const head = `\n** Alert ${id}:`;
  // One byte earlier, for the end of the line before; latin1, so that an index is an offset.
  for (let at = Math.max(0, from - 1); at < Math.min(to, day.size); at += PIECE - head.length) {
    const text = `${at === 0 ? '\n' : ''}${day.read(at, PIECE)}`;
    const found = text.indexOf(head);
    if (found !== -1) return at + found + (at === 0 ? 0 : 1);
    if (secondsIn(text) > latest) return undefined;
  }
  return undefined;
}

/** An offset before the first alert of a second: alerts are in the order of their times. */
function startOf(day: Day, seconds: number): number {
  let [low, high] = [0, day.size];
  while (high - low > PIECE) {
    const middle = Math.floor((low + high) / 2);
    if (secondsIn(day.read(middle, LONGEST)) < seconds) low = middle;
    else high = middle;
  }
  return low;
}

/** The second of the first whole alert in a text; infinite without one. */
const secondsIn = (text: string): number => {
  const found = /\n\*\* Alert (\d+)\./.exec(text)?.[1];
  return found === undefined ? Number.POSITIVE_INFINITY : Number(found);
};

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Undefined for a day whose file is gone or cannot be read: a report then has no requests of that day. */
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
