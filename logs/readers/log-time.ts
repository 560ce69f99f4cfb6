export const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const SLASH = 47;
const ZERO = 48;
const SIX = 54;

/**
 * Reads the time of an access log, the text between its brackets: `20/Nov/2026:09:00:00 +0000`, with a fraction
 * (`09:00:00.123`), cPanel's `11/20/2026:09:00:00 -0000`, ISO 8601 or seconds since 1970. Remembers the last time and
 * its day, because the next line usually has the same time, or at least the same day.
 */
export class AccessTime {
  #text = '';
  #time: number | undefined;
  #day = '';
  #zone = '';
  #dayStart = Number.NaN;
  readonly #iso = new IsoTime();

  /** @returns seconds since 1970, undefined for anything else */
  read(text: string): number | undefined {
    if (text !== this.#text) {
      this.#time = this.#read(text);
      this.#text = text;
    }
    return this.#time;
  }

  #read(text: string): number | undefined {
    if (text.charCodeAt(2) !== SLASH) return this.#iso.read(text) ?? epochTime(text);
    const day = text.slice(0, 11);
    const isNamed = text.charCodeAt(6) === SLASH;
    const clock = isNamed ? 12 : 11;
    const space = text.indexOf(' ', clock + 8);
    const zone = text.slice(space + 1);
    if (day !== this.#day || zone !== this.#zone) {
      this.#day = day;
      this.#zone = zone;
      this.#dayStart = startOfDay(isNamed ? day : text.slice(0, 10), zone);
    }
    const hours = twoDigits(text, clock);
    const time = this.#dayStart + hours * 3600 + twoDigits(text, clock + 3) * 60 + twoDigits(text, clock + 6);
    const isClock = hours < 24 && space > 0 && (space === clock + 8 || text[clock + 8] === '.');
    return isClock && !Number.isNaN(time) ? time : undefined;
  }
}

/** Remembers the day of ISO 8601 times that say their zone and have no fraction. */
class IsoTime {
  #day = '';
  #zone = '';
  #dayStart = 0;

  read(text: string): number | undefined {
    const day = text.slice(0, 11);
    const zone = text.slice(19);
    const clock =
      day === this.#day && zone === this.#zone && text[13] === ':' && text[16] === ':'
        ? twoDigits(text, 11) * 3600 + twoDigits(text, 14) * 60 + twoDigits(text, 17)
        : Number.NaN;
    // If hours, minutes or seconds are out of range, leave the text to isoTime.
    if (clock < DAY && text.charCodeAt(14) < SIX && text.charCodeAt(17) < SIX) return this.#dayStart + clock;
    const time = isoTime(text);
    if (time !== undefined && zoneOffset(zone) !== undefined) {
      const seconds = twoDigits(text, 11) * 3600 + twoDigits(text, 14) * 60 + twoDigits(text, 17);
      this.#day = day;
      this.#zone = zone;
      this.#dayStart = time - seconds;
    }
    return time;
  }
}

/** NaN for anything but two digits. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - ZERO;
  const ones = text.charCodeAt(at + 1) - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

/** @param day `20/Nov/2026`, or `11/20/2026` @param zone `+0100` */
function startOfDay(day: string, zone: string): number {
  const named = /^(\d\d)\/([A-Z][a-z]{2})\/(\d{4})$/.exec(day);
  const numbered = /^(\d\d)\/(\d\d)\/(\d{4})$/.exec(day);
  const month = named ? MONTHS.indexOf(named[2] ?? '') : Number(numbered?.[1] ?? 0) - 1;
  const [date, year] = named ? [named[1], named[3]] : [numbered?.[2], numbered?.[3]];
  const offset = zoneOffset(zone);
  if (month < 0 || month > 11 || date === undefined || offset === undefined) return Number.NaN;
  return Date.UTC(Number(year), month, Number(date)) / 1000 - offset;
}

const LOCAL = /^(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d:\d\d:\d\d)(?:\.\d{1,9})?$/;

/**
 * Reads the time of HAProxy's log, in this host's zone: `20/Nov/2026:09:00:00.123`.
 *
 * @returns seconds since 1970, undefined for anything else
 */
export function localAccessTime(text: string): number | undefined {
  const [, day, name = '', year, clock] = LOCAL.exec(text) ?? [];
  const month = MONTHS.indexOf(name) + 1;
  return month === 0 ? undefined : isoTime(`${year}-${two(month)}-${day}T${clock}`, 'local');
}

const ISO =
  /^(\d{4})[-/](\d\d)[-/](\d\d)[T\t ](\d\d):(\d\d):(\d\d)(?:[.,]\d{1,9})? ?(Z|UTC|GMT|[-+]\d\d:?\d\d)?$/;

/**
 * Reads ISO 8601: `2026-11-20T09:00:00+01:00`, with a fraction, with `/`, with a space or a tab for T.
 *
 * @param zone the zone of a time that names none: UTC, or this host's
 * @returns seconds since 1970, undefined for anything else
 */
export function isoTime(text: string, zone: 'utc' | 'local' = 'local'): number | undefined {
  const [, year, month, day, hours, minutes, seconds, written] = ISO.exec(text) ?? [];
  if (year === undefined) return undefined;
  const parts = [
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hours),
    Number(minutes),
    Number(seconds),
  ];
  return timeOf(parts, written === undefined ? zone : (zoneOffset(written) ?? zone));
}

/**
 * Reads seconds since 1970, or thousandths or millionths of them, as nginx's `$msec`, JSON logs and journald have
 * them: `1795166986`, `1795166986.123`, `1795166986123`. @returns seconds, undefined for anything else
 */
export function epochTime(text: string): number | undefined {
  const [, whole] = /^(\d{9,16})(?:\.\d{1,9})?$/.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const seconds = Number(whole);
  if (whole.length <= 10) return seconds;
  if (whole.length === 13) return Math.floor(seconds / 1000);
  return whole.length === 16 ? Math.floor(seconds / 1_000_000) : undefined;
}

const ERROR_LOG = /^(?:[A-Z][a-z]{2} )?([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d)(?:\.\d{1,9})? (\d{4})$/;

/** Reads the time of Apache's error log, in this host's zone: `Fri Nov 20 09:29:46.123456 2026`. */
export function errorLogTime(text: string): number | undefined {
  const [, month, day, hours, minutes, seconds, year] = ERROR_LOG.exec(text) ?? [];
  if (year === undefined) return undefined;
  const parts = [Number(year), MONTHS.indexOf(month ?? ''), ...[day, hours, minutes, seconds].map(Number)];
  return timeOf(parts, 'local');
}

const SYSLOG = /^([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d)$/;
const DAY = 86_400;

/**
 * Reads syslog's time, in this host's zone: `Nov 20 09:29:46`. This time has no year. The result is the latest possible
 * time that is not more than a day in the future. @param now seconds since 1970
 */
export function syslogTime(text: string, now: number): number | undefined {
  const [, month, ...rest] = SYSLOG.exec(text) ?? [];
  if (month === undefined) return undefined;
  const year = new Date(now * 1000).getFullYear();
  const parts = [MONTHS.indexOf(month), ...rest.map(Number)];
  const time = timeOf([year, ...parts], 'local');
  return time !== undefined && time > now + DAY ? timeOf([year - 1, ...parts], 'local') : time;
}

/**
 * @param parts year, month from 0, day, hours, minutes, seconds
 * @param zone a number is in seconds east of Greenwich
 */
export function timeOf(parts: readonly number[], zone: 'utc' | 'local' | number): number | undefined {
  const [year = 0, month = 0, day = 0, hours = 0, minutes = 0, seconds = 0] = parts;
  if (month < 0 || month > 11 || day < 1 || day > 31 || hours > 23 || minutes > 59 || seconds > 60)
    return undefined;
  const milliseconds =
    zone === 'local'
      ? new Date(year, month, day, hours, minutes, seconds).getTime()
      : Date.UTC(year, month, day, hours, minutes, seconds) - (zone === 'utc' ? 0 : zone) * 1000;
  return Number.isNaN(milliseconds) ? undefined : Math.floor(milliseconds / 1000);
}

/** @returns seconds east of Greenwich for `+0100`, `+01:00`, `Z`; undefined for anything else */
export function zoneOffset(zone: string): number | undefined {
  if (zone === 'Z' || zone === 'UTC' || zone === 'GMT') return 0;
  const parts = /^([-+])(\d\d):?(\d\d)$/.exec(zone);
  if (!parts) return undefined;
  return (parts[1] === '-' ? -1 : 1) * (Number(parts[2]) * 3600 + Number(parts[3]) * 60);
}

const NAMES = MONTHS;
let lastDay = Number.NaN;
let lastText = '';
let lastTime = Number.NaN;
let lastTimeText = '';

/** A time in the form of an access log, in UTC: `20/Nov/2026:09:00:00 +0000`. @param time seconds since 1970 */
export function accessTimeText(time: number): string {
  if (time === lastTime) return lastTimeText;
  const day = Math.floor(time / DAY);
  if (day !== lastDay) {
    const date = new Date(day * DAY * 1000);
    lastDay = day;
    lastText = `${two(date.getUTCDate())}/${NAMES[date.getUTCMonth()]}/${date.getUTCFullYear()}`;
  }
  const second = time - day * DAY;
  lastTime = time;
  lastTimeText = `${lastText}:${two(Math.floor(second / 3600))}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)} +0000`;
  return lastTimeText;
}

const two = (number: number): string => (number < 10 ? `0${number}` : `${number}`);
