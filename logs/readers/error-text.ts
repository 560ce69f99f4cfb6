import { textFromBytes } from './canonical-text.ts';
import { MONTHS } from './log-time.ts';

/**
 * Makes a text of an error record safe for rules: canonical, and with nothing in it that looks like a field of the
 * line (`[client …]`, `[id "…"]`) or like the beginning of a ModSecurity message.
 *
 * @param text bytes without escapes
 */
export const plainText = (text: string): string => textFromBytes(text).replace(MARK, escapeMark);

const MARK = /[[\]]|ModSecurity:/gi;

function escapeMark(mark: string): string {
  if (mark === '[') return '\\x5b';
  return mark === ']' ? '\\x5d' : `${mark.slice(0, -1)}\\x3a`;
}

const LETTERS: Readonly<Record<string, string>> = {
  b: '\b',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};
const ESCAPE = /\\(?:x([0-9a-f]{2})|([bnrtv\\]))/gi;

/**
 * Decodes the escapes of Apache's error log. Apache escapes backslashes and unprintable bytes, but no quotes
 * (`ap_escape_errorlog_item`).
 */
export function fromApacheErrorLog(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(ESCAPE, (all, hex: string | undefined, letter: string | undefined) =>
    hex === undefined ? (LETTERS[letter ?? ''] ?? all) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** A time in the form of Apache 2.4's error log, in this host's zone: `Fri Nov 20 09:29:46.000000 2026`. */
function errorTimeText(time: number): string {
  const date = new Date(time * 1000);
  const two = (number: number): string => String(number).padStart(2, '0');
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  const day = `${DAYS[date.getDay()]} ${MONTHS[date.getMonth()]} ${two(date.getDate())}`;
  return `${day} ${clock}.000000 ${date.getFullYear()}`;
}

/** The parts of an error line in Apache 2.4's form. Texts are plain (see `plainText`). */
interface ErrorParts {
  /** Seconds since 1970. */
  readonly time: number;
  readonly module: string;
  readonly level: string;
  readonly pid: string;
  readonly client: string | undefined;
  readonly port?: string | undefined;
  readonly code: string;
  readonly message: string;
}

/**
 * Writes an error record as a line in Apache 2.4's form, the form that rules on the text match. A ModSecurity message
 * is `[client A:port] [client A] ModSecurity: …` at level `error`, as ModSecurity 2 writes it.
 */
export function errorLine({ time, module, level, pid, client, port, code, message }: ErrorParts): string {
  const isModSecurity = code === MODSECURITY;
  const from = client === undefined ? '' : `[client ${client}:${port ?? '0'}] `;
  const again = isModSecurity && client !== undefined ? `[client ${client}] ` : '';
  const about = code === '' ? message : `${code}: ${message}`;
  const head = `[${errorTimeText(time)}] [${module}:${isModSecurity ? 'error' : level}] [pid ${pid}]`;
  return `${head} ${from}${again}${about}`;
}

/** The code of records of ModSecurity. */
export const MODSECURITY = 'ModSecurity';
/** The module of records of ModSecurity. */
export const SECURITY2 = 'security2';
