import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type LoggedAlert, parseAlert } from '../active-response/alerts-log.ts';
import type { Home } from '../active-response/home.ts';
import { readRegular } from '../base/files.ts';
import type { Counted } from './counted-event.ts';
import { requestIn } from './request-in.ts';

/** The bytes that are read of an alert: its fields, and the first of its log lines. */
const LONGEST = 16 * 1024;
/** The most bytes of a compressed day that are unpacked, to bound the memory. */
const LARGEST_DAY = 512 * 1024 * 1024;

/** The text of one day's alerts, by offset. */
interface Day {
  read(offset: number): string;
  close(): void;
}

/**
 * Finds the requests that OSSEC does not pass to its responses: on its server, the alert's id names its place in
 * logs/alerts (see `findAlert`). Each day has a file of its own, which ossec-monitord compresses later.
 */
export class LoggedRequests {
  readonly #directory: string;
  readonly #isThere: boolean;
  #name = '';
  #day: Day | undefined;
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
  }

  /** Several responses answer one alert, one after the other. */
  #alertOf(id: string): LoggedAlert | undefined {
    if (this.#last?.id === id) return this.#last.alert;
    const [, seconds, offset] = /^(\d{1,11})\.(\d{1,15})$/.exec(id) ?? [];
    const day = seconds === undefined ? undefined : this.#dayOf(Number(seconds) * 1000);
    const alert = day && parseAlert(day.read(Number(offset)), id);
    this.#last = { id, alert };
    return alert;
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
  const buffer = Buffer.alloc(LONGEST);
  return {
    read: (offset) => buffer.toString('utf8', 0, readSync(fd, buffer, 0, LONGEST, offset)),
    close: () => closeSync(fd),
  };
}

function packedDay(file: string): Day {
  const bytes = gunzipSync(readRegular(file), { maxOutputLength: LARGEST_DAY });
  return { read: (offset) => bytes.toString('utf8', offset, offset + LONGEST), close: () => {} };
}
