/**
 * Writes lines as Apache and nginx do, from the bytes that a client has sent. It escapes like ap_escape_logitem(),
 * ngx_http_log_escape() and ngx_escape_json(), and shares no code with the readers.
 */
import assert from 'node:assert/strict';

/** A request. Each character of its texts is a byte that the server has received. */
export interface Sent {
  /** The address of the connection, or the address that mod_remoteip or realip found. */
  readonly peer: string;
  /** The user name that the client has sent. nginx and Apache log it even if they have not asked for a login. */
  readonly user?: string | undefined;
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly version: string;
  /** The whole request line, if it does not consist of method, target and version. */
  readonly line?: string | undefined;
  readonly status: number;
  readonly size: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Seconds since 1970. */
  readonly time: number;
  readonly site: string;
}

/** Apache's ap_escape_logitem(). */
export function apacheEscape(bytes: string): string {
  const letters: Readonly<Record<string, string>> = {
    '\b': '\\b',
    '\n': '\\n',
    '\r': '\\r',
    '\t': '\\t',
    '\v': '\\v',
    '\\': '\\\\',
    '"': '\\"',
  };
  return eachByte(bytes, (byte, code) =>
    letters[byte] !== undefined ? letters[byte] : code < 0x20 || code > 0x7e ? `\\x${hex(code)}` : byte,
  );
}

/** nginx's escape=default. */
export const nginxEscape = (bytes: string): string =>
  eachByte(bytes, (byte, code) =>
    byte === '"' || byte === '\\' || code < 0x20 || code > 0x7e ? `\\x${hex(code).toUpperCase()}` : byte,
  );

/** nginx's escape=json. */
export function nginxJsonEscape(bytes: string): string {
  const letters: Readonly<Record<string, string>> = {
    '\b': '\\b',
    '\n': '\\n',
    '\r': '\\r',
    '\t': '\\t',
    '\f': '\\f',
    '\\': '\\\\',
    '"': '\\"',
  };
  return eachByte(bytes, (byte, code) =>
    letters[byte] !== undefined ? letters[byte] : code < 0x20 ? `\\u00${hex(code).toUpperCase()}` : byte,
  );
}

/** The text of a record's field, as reading.ts describes it. */
export const canonical = (bytes: string, keepsSpaces = false): string =>
  bytes.replace(keepsSpaces ? /["\\]|[^ -~]/g : /["\\]|[^!-~]/g, (byte) => `\\x${hex(byte.charCodeAt(0))}`);

function eachByte(bytes: string, write: (byte: string, code: number) => string): string {
  return bytes.replace(/["\\]|[^ -~]/g, (byte) => {
    assert(byte.charCodeAt(0) <= 0xff, 'a text is bytes');
    return write(byte, byte.charCodeAt(0));
  });
}

const hex = (code: number): string => code.toString(16).padStart(2, '0');

const lineOf = ({ line, method, target, version }: Sent): string => line ?? `${method} ${target} ${version}`;

/** @param format the text between the quotes of a LogFormat directive, with `\"` for a quote */
export function renderApache(format: string, sent: Sent): string {
  const text = format.replaceAll('\\"', '"').replaceAll('\\t', '\t');
  return text.replace(
    /%(!?)([\d,]*)[<>]?(?:\{([^}]*)\})?(\^..|[a-zA-Z%])/g,
    (_, not: string, statuses: string, argument: string | undefined, letter: string) => {
      const isAmong = statuses === '' || statuses.split(',').includes(String(sent.status)) === (not === '');
      if (!isAmong) return '-';
      if (letter === '%') return '%';
      return apacheValue(letter, argument, sent) ?? '-';
    },
  );
}

/** @returns undefined for a missing value */
function apacheValue(letter: string, argument: string | undefined, sent: Sent): string | undefined {
  const question = sent.target.indexOf('?');
  const path = question < 0 ? sent.target : sent.target.slice(0, question);
  switch (letter) {
    case 'a':
    case 'h':
      return sent.peer;
    case 'A':
      return '192.0.2.80';
    case 'u':
      return sent.user === '' ? '""' : sent.user && apacheEscape(sent.user);
    case 'l':
      return undefined;
    case 't':
      return apacheTime(argument, sent.time);
    case 'r':
      return apacheEscape(lineOf(sent));
    case 'm':
      return apacheEscape(sent.method);
    case 'U':
      return apacheEscape(path);
    case 'q':
      return question < 0 ? '' : `?${apacheEscape(sent.target.slice(question + 1))}`;
    case 'H':
      return apacheEscape(sent.version);
    case 's':
      return String(sent.status);
    case 'b':
      return sent.size === 0 ? '-' : String(sent.size);
    case 'B':
    case 'O':
    case 'I':
      return String(sent.size);
    case 'D':
      return '1532';
    case 'T':
    case 'k':
      return '0';
    case 'p':
      return argument === 'remote' ? '51432' : '443';
    case 'P':
      return '812';
    case 'X':
      return '+';
    case 'v':
      return sent.site;
    case 'V':
      return apacheEscape(sent.headers.host ?? sent.site);
    case 'x':
      return argument === 'SSL_PROTOCOL'
        ? 'TLSv1.3'
        : argument === 'SSL_CIPHER'
          ? 'TLS_AES_256_GCM_SHA384'
          : sent.headers.dn;
    case 'i':
      return escapedHeader(sent, argument ?? '', apacheEscape);
    case 'C':
      return escapedHeader(sent, 'cookie', apacheEscape);
    case 'e':
      return argument === 'UNIQUE_ID' ? 'aR4xKdlMcO8AAQ3nRjwAAAAC' : undefined;
    default:
      throw new Error(`this renderer does not write %${letter}`);
  }
}

function escapedHeader(sent: Sent, name: string, escapeText: (bytes: string) => string): string | undefined {
  const value = sent.headers[name.toLowerCase()];
  return value === undefined ? undefined : escapeText(value);
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const two = (number: number): string => String(number).padStart(2, '0');

/** The time as both servers write it, in UTC. */
export function clfTime(time: number): string {
  const date = new Date(time * 1000);
  const clock = date.toISOString().slice(11, 19);
  return `${two(date.getUTCDate())}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}:${clock} +0000`;
}

function apacheTime(argument: string | undefined, time: number): string {
  const format = (argument ?? '').replace(/^(?:begin|end):?/, '');
  if (format === '') return `[${clfTime(time)}]`;
  if (format === 'sec') return String(time);
  if (format === 'msec') return `${time}123`;
  if (format === 'usec') return `${time}123456`;
  if (format === 'msec_frac') return '123';
  if (format === 'usec_frac') return '123456';
  return strftime(format, time);
}

/** strftime(3) in the C locale, in UTC. */
function strftime(format: string, time: number): string {
  const key = `${time} ${format}`;
  const known = times.get(key);
  if (known !== undefined) return known;
  const text = newTimeText(format, time);
  times.set(key, text);
  return text;
}

/** Caches the texts of times, because tests write the same times again and again. */
const times = new Map<string, string>();

function newTimeText(format: string, time: number): string {
  const date = new Date(time * 1000);
  const hours = date.getUTCHours();
  const values: Readonly<Record<string, string>> = {
    Y: String(date.getUTCFullYear()),
    y: two(date.getUTCFullYear() % 100),
    m: two(date.getUTCMonth() + 1),
    b: MONTHS[date.getUTCMonth()] ?? '',
    B: date.toLocaleString('en-US', { month: 'long', timeZone: 'UTC' }),
    a: date.toLocaleString('en-US', { weekday: 'short', timeZone: 'UTC' }),
    A: date.toLocaleString('en-US', { weekday: 'long', timeZone: 'UTC' }),
    d: two(date.getUTCDate()),
    e: String(date.getUTCDate()).padStart(2, ' '),
    H: two(hours),
    I: two(hours % 12 || 12),
    p: hours < 12 ? 'AM' : 'PM',
    M: two(date.getUTCMinutes()),
    S: two(date.getUTCSeconds()),
    T: date.toISOString().slice(11, 19),
    F: date.toISOString().slice(0, 10),
    z: '+0000',
    Z: 'UTC',
    s: String(time),
    '%': '%',
  };
  return format.replace(/%(.)/g, (_, letter: string) => {
    const value = values[letter];
    assert(value !== undefined, `this renderer does not write %${letter} of a time`);
    return value;
  });
}

/** @param format the pieces of a log_format, joined */
export function renderNginx(format: string, escaping: 'default' | 'json', sent: Sent): string {
  const escapeText = escaping === 'json' ? nginxJsonEscape : nginxEscape;
  return format.replace(
    /\$(?:\{(\w+)\}|(\w+))/g,
    (_, braced: string | undefined, bare: string | undefined) => {
      const value = nginxValue(braced ?? bare ?? '', sent);
      return value === undefined ? (escaping === 'json' ? '' : '-') : escapeText(value);
    },
  );
}

/** @returns bytes; undefined for a missing value */
function nginxValue(variable: string, sent: Sent): string | undefined {
  const question = sent.target.indexOf('?');
  const forwarded = sent.headers['x-forwarded-for'];
  switch (variable) {
    case 'remote_addr':
    case 'realip_remote_addr':
      return sent.peer;
    case 'remote_port':
      return '51432';
    case 'remote_user':
      return sent.user === '' ? undefined : sent.user;
    case 'time_local':
      return clfTime(sent.time);
    case 'time_iso8601':
      return new Date(sent.time * 1000).toISOString().replace('.000Z', '+00:00');
    case 'msec':
      return `${sent.time}.123`;
    case 'request':
      return lineOf(sent);
    case 'request_method':
      return sent.method;
    case 'request_uri':
      return sent.target;
    case 'uri':
      return question < 0 ? sent.target : sent.target.slice(0, question);
    case 'args':
      return question < 0 ? undefined : sent.target.slice(question + 1);
    case 'is_args':
      return question < 0 ? '' : '?';
    case 'server_protocol':
      return sent.version;
    case 'status':
      return String(sent.status).padStart(3, '0');
    case 'body_bytes_sent':
    case 'bytes_sent':
      return String(sent.size);
    case 'request_time':
      return '0.003';
    case 'request_length':
      return '312';
    case 'server_name':
      return sent.site;
    case 'host':
      return hostOf(sent);
    case 'scheme':
      return 'https';
    case 'server_port':
      return '443';
    case 'request_id':
      return '444535f9378a3dfa1b8604bc9e05a303';
    case 'upstream_addr':
      return '10.0.0.5:8080, 10.0.0.6:8080';
    case 'upstream_response_time':
      return '0.000, 0.003';
    case 'upstream_status':
      return '502, 200';
    case 'proxy_add_x_forwarded_for':
      return forwarded === undefined ? sent.peer : `${forwarded}, ${sent.peer}`;
    default:
      if (variable.startsWith('http_')) return sent.headers[variable.slice(5).replaceAll('_', '-')];
      throw new Error(`this renderer does not write $${variable}`);
  }
}

/** If the Host header has a slash or a control character, nginx answers 400 and logs the site's name. */
function hostOf({ headers, site }: Sent): string {
  const host = headers.host;
  const isValid = host !== undefined && host !== '' && [...host].every((byte) => byte >= ' ' && byte !== '/');
  return isValid ? host : site;
}
