import type { Dialect } from '../dialect.ts';

/**
 * The length of the date at the start of a line, and whether host and program follow it as in syslog. The formats and
 * their loose checks are as in src/analysisd/cleanevent.c.
 */
export interface DateFormat {
  kind: 'syslog' | 'other' | 'asl' | 'squid';
  length: number;
}

const ASL = marks({ 0: '[', 1: 'T', 5: ' ', 10: '.', 13: '.', 16: ' ', 19: ':' });
const SYSLOG = marks({ 3: ' ', 6: ' ', 9: ':', 12: ':', 15: ' ' });
const PROFTPD = marks({ 4: '-', 7: '-', 10: ' ', 13: ':', 16: ':', 19: ',' });
const ISO = marks({ 4: '-', 7: '-', 10: 'T', 13: ':', 16: ':' });
const MACOS = marks({ 4: '-', 7: '-', 10: ' ', 13: ':', 16: ':', 19: '.', 31: ' ' });
const YEAR_FIRST = marks({ 4: ' ', 8: ' ', 11: ' ', 14: ':', 17: ':', 20: ' ' });
const COLONS = marks({ 4: ':', 7: ':', 10: '-', 13: ':', 16: ':' });
const XFERLOG = marks({ 3: ' ', 7: ' ', 10: ' ', 13: ':', 16: ':', 19: ' ', 24: ' ', 26: ' ' });
const SNORT = marks({ 2: '/', 5: '-', 8: ':', 11: ':', 14: '.', 21: ' ' });
const SURICATA = marks({ 2: '/', 5: '/', 10: '-', 13: ':', 16: ':', 19: '.', 26: ' ' });
const APACHE = marks({ 0: '[', 4: ' ', 8: ' ', 11: ' ', 14: ':', 17: ':', 20: ' ', 25: ']' });

export function dateFormat(line: string, dialect: Dialect): DateFormat | undefined {
  const size = line.length + 1;
  if (size <= 17) return undefined;
  const isWazuh = dialect === 'wazuh';
  const syslog = isWazuh ? wazuhDate(line, size) : syslogDate(line, size);
  if (syslog > 0) return { kind: 'syslog', length: syslog };
  const other = otherDate(line, size, isWazuh);
  if (other > 0) return { kind: 'other', length: other };
  if (size > 26 && has(line, ASL)) {
    return { kind: 'asl', length: 25 };
  }
  if (size > 32 && /^1\d\d\d.{6}\...\d .{6}(?: |. )/.test(line)) return { kind: 'squid', length: 14 };
  return undefined;
}

function syslogDate(line: string, size: number): number {
  // Dec 29 10:00:01
  if (has(line, SYSLOG)) return 16;
  // 2015-04-16 21:51:02,805
  if (size > 24 && has(line, PROFTPD)) return 23;
  if (size > 33 && has(line, ISO)) {
    const iso = isoDate(line);
    if (iso > 0) return iso;
  }
  const startsWithDigit = line[0] !== undefined && line[0] >= '0' && line[0] <= '9';
  if (!startsWithDigit) return 0;
  // 2015 Dec 29 10:00:01
  if (size > 21 && has(line, YEAR_FIRST)) return 21;
  // 2019:11:06-00:08:03
  if (size > 20 && has(line, COLONS)) return 20;
  return 0;
}

/** 2007-06-14T15:48:55-04:00, or with up to six digits of a fraction. */
function isoDate(line: string): number {
  if (line[22] === ':' && line[25] === ' ') return 26;
  if (line[19] !== '.' && line[19] !== ',') return 0;
  for (let colon = 24; colon <= 29; colon++) if (line[colon] === ':') return colon + 3;
  return 0;
}

/** The dates of Wazuh 4.14, which also knows the date of macOS, and checks the other dates in another way. */
function wazuhDate(line: string, size: number): number {
  if (has(line, SYSLOG)) return 16;
  if (size > 24 && has(line, PROFTPD)) return 24;
  if (size > 33 && has(line, ISO)) {
    if (line[22] === ':' && line[25] === ' ') return 26;
    if (line[19] === '.') return line[26] === ':' ? 30 : line[29] === ':' ? 33 : 32;
  }
  if (!/^\d/.test(line)) return 0;
  if (size > 21 && has(line, YEAR_FIRST)) return 21;
  // macOS: 2021-04-21 10:16:09.404756-0700. SQL Server writes 2017-04-03 15:55:24.37 Logon, which is not a date here.
  return size > 33 && has(line, MACOS) && (line[26] === '-' || line[26] === '+') ? 32 : 0;
}

function otherDate(line: string, size: number, isWazuh: boolean): number {
  // xferlog: Mon Apr 17 18:27:14 2006 1
  if (size > 28 && has(line, XFERLOG)) return isWazuh ? 25 : 24;
  // snort: 01/28-09:13:16.240702
  if (size > 24 && has(line, SNORT)) return 23;
  // suricata: 01/28/1979-09:13:16.240702
  if (size > (isWazuh ? 28 : 26) && has(line, SURICATA)) return 28;
  // apache 2.2 error log: [Fri Feb 11 18:06:35 2004]
  if (size > 27 && has(line, APACHE)) return 27;
  return 0;
}

/** True when each offset of `marks` holds its character. */
function has(line: string, marks: Marks): boolean {
  for (let i = 0; i < marks.length; i += 2) {
    if (line.charCodeAt(marks[i] ?? 0) !== marks[i + 1]) return false;
  }
  return true;
}

/** Offset, byte, offset, byte, … */
type Marks = readonly number[];

function marks(at: Readonly<Record<number, string>>): Marks {
  return Object.entries(at).flatMap(([offset, char]) => [Number(offset), char.charCodeAt(0)]);
}
