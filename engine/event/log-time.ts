const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const ISO = /^(\d{4})[-/](\d\d)[-/](\d\d)[ T](\d\d):(\d\d):(\d\d)(?:[.,]\d+)? ?(Z|[-+]\d\d:?\d\d)?/;
const SYSLOG = /^(\w{3}) ([ \d]\d) (\d\d):(\d\d):(\d\d) /;
const WITH_WEEKDAY =
  /^\[?\w{3} (\w{3}) ([ \d]\d) (\d\d):(\d\d):(\d\d)(?:\.\d+)? (?:(UTC|GMT) |[A-Z]{2,5} )?(\d{4})/;
const EPOCH = /^(1\d{9})\.\d{3} /;

/**
 * Reads the timestamp of a log line: of access logs (`[20/Nov/2026:09:00:00 +0000]`), Apache's and nginx's error logs,
 * syslog, ISO dates, squid's seconds and active-responses.log. A time without a zone is local time; a time without a
 * year is the latest such date that is not in the future.
 */
export class LogClock {
  /**
   * The date of the last access log line as text, and the start of that day: most lines have the date of the line
   * before.
   */
  private day = '';
  private dayStart = Number.NaN;

  /** @param now seconds since 1970 */
  constructor(private readonly now: number) {}

  /** @returns seconds since 1970, or undefined when the line has no timestamp */
  read(line: string): number | undefined {
    return this.accessLog(line) ?? otherTime(line, this.now);
  }

  private accessLog(line: string): number | undefined {
    const open = line.indexOf('[');
    if (open < 0 || line.charCodeAt(open + 3) !== SLASH || line.charCodeAt(open + 7) !== SLASH)
      return undefined;
    // Only the time of day changes within a day.
    const day = line.slice(open + 1, open + 12) + line.slice(open + 21, open + 27);
    if (day !== this.day) {
      this.day = day;
      this.dayStart = startOfDay(day);
    }
    const hours = twoDigits(line, open + 13);
    const time = this.dayStart + hours * 3600 + twoDigits(line, open + 16) * 60 + twoDigits(line, open + 19);
    return Number.isNaN(time) ? undefined : time;
  }
}

const SLASH = 47;
const ZERO = 48;

/** NaN for anything but two digits. */
function twoDigits(line: string, at: number): number {
  const tens = line.charCodeAt(at) - ZERO;
  const ones = line.charCodeAt(at + 1) - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

/** @param text `20/Nov/2026 +0100` */
function startOfDay(text: string): number {
  const parts = /^(\d\d)\/(\w{3})\/(\d{4}) ([-+])(\d\d)(\d\d)$/.exec(text);
  const month = MONTHS.indexOf(parts?.[2] ?? '');
  if (!parts || month < 0) return Number.NaN;
  return (
    Date.UTC(Number(parts[3]), month, Number(parts[1])) / 1000 -
    zoneOffset(`${parts[4]}${parts[5]}${parts[6]}`)
  );
}

function otherTime(line: string, now: number): number | undefined {
  const iso = ISO.exec(line);
  if (iso) return timeOf(Number(iso[1]), Number(iso[2]) - 1, iso.slice(3, 7), iso[7]);
  const dated = WITH_WEEKDAY.exec(line);
  if (dated)
    return timeOf(Number(dated[7]), MONTHS.indexOf(dated[1] ?? ''), dated.slice(2, 6), dated[6] && 'Z');
  const syslog = SYSLOG.exec(line);
  if (syslog) return withoutYear(MONTHS.indexOf(syslog[1] ?? ''), syslog.slice(2, 6), now);
  const epoch = EPOCH.exec(line);
  return epoch ? Number(epoch[1]) : undefined;
}

/** Accepts times up to a day ahead: clocks and zones differ. */
const DAY = 86_400;

function withoutYear(month: number, parts: string[], now: number): number | undefined {
  const year = new Date(now * 1000).getFullYear();
  const time = timeOf(year, month, parts, undefined);
  return time !== undefined && time > now + DAY ? timeOf(year - 1, month, parts, undefined) : time;
}

/** @param parts day, hours, minutes, seconds */
function timeOf(year: number, month: number, parts: string[], zone: string | undefined): number | undefined {
  const [day = 0, hours = 0, minutes = 0, seconds = 0] = parts.map(Number);
  const milliseconds =
    zone === undefined
      ? new Date(year, month, day, hours, minutes, seconds).getTime()
      : Date.UTC(year, month, day, hours, minutes, seconds) - zoneOffset(zone) * 1000;
  return month < 0 || Number.isNaN(milliseconds) ? undefined : Math.floor(milliseconds / 1000);
}

/** @returns seconds east of Greenwich, for `+0100`, `+01:00` or `Z` */
function zoneOffset(zone: string): number {
  const parts = /^([-+])(\d\d):?(\d\d)$/.exec(zone);
  if (!parts) return 0;
  return (parts[1] === '-' ? -1 : 1) * (Number(parts[2]) * 3600 + Number(parts[3]) * 60);
}
