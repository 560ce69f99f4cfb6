import { clientOf, type ProxyPolicy } from '../proxies/client-of.ts';
import { parseAddressField } from './address-field.ts';
import { textFromLog, wordFromLog } from './canonical-text.ts';
import { AccessTime } from './log-time.ts';
import { closingQuote, isQuote } from './quotes.ts';
import {
  type AccessRecord,
  type LineReader,
  type LogFormat,
  NAMES_A_HOST,
  NOTHING,
  type Reading,
  unreadable,
} from './reading.ts';
import { requestLine } from './request-line.ts';

const TAB = 9;
const SPACE = 32;
const ZERO = 48;
const NINE = 57;
const BOM = '\xef\xbb\xbf';

/**
 * The common and combined formats of Apache, nginx, lighttpd, Traefik, Tomcat and LiteSpeed. Anything may follow the
 * user agent:
 *
 *   203.0.113.7 - user [20/Nov/2026:09:00:00 +0000] "GET / HTTP/1.1" 404 196 "https://example.org/" "Mozilla/5.0" …
 *
 * The client is the first word: no text of a client comes before it. No text of a client holds a raw quote, so the
 * time is in the last brackets before the first quote, whatever the user name looks like.
 */
export const combined: LogFormat = {
  name: 'combined',
  holds: 'access',
  newReader: ({ policy }) => new CombinedReader(false, policy),
  isToldBy: (line) => {
    const text = withoutWrapping(line);
    // If a line begins and ends with quoted texts, such as a user agent, its quotes do not belong to the whole line.
    return hasPlainHead(text, 0) && (text.length === line.length || /^[^"]+ "[A-Z]+ [^ ]/.test(text));
  },
};

/**
 * The common and combined formats with the site's name in front: `www.example.org:443 203.0.113.7 …`, with or without
 * a port or brackets.
 */
export const vhostCombined: LogFormat = {
  name: 'vhost_combined',
  holds: 'access',
  newReader: ({ policy, isTold }) => new CombinedReader(true, policy, isTold),
  // A line with two addresses in front does not show this format: they may be X-Forwarded-For and the proxy.
  isToldBy: (line) => {
    const text = withoutWrapping(line);
    const end = text.search(/[\t ]/);
    const isSite = /^\[?[A-Za-z0-9._-]*[A-Za-z][A-Za-z0-9._-]*\]?(?::\d{1,5})?$/.test(text.slice(0, end));
    return isSite && hasPlainHead(text, end + 1);
  },
};

/** The parts of a line before the request. */
interface Head {
  readonly host: string | undefined;
  /** The address in the first word, or in the word after the site; undefined if that word is the name of a host. */
  readonly client: string | undefined;
  readonly names: Names;
  readonly time: string;
  /** The offset of the quote that opens the request. */
  readonly quote: number;
  /** True if the whole line has the form of a record's line in the combined format. */
  readonly isCanonical: boolean;
}

/** The parts of a line after the request. */
interface Tail {
  readonly status: string;
  readonly size: string;
  /** Undefined in the common format. */
  readonly texts: RefererAndAgent | undefined;
}

class CombinedReader implements LineReader {
  readonly #time = new AccessTime();
  /** The text between client and request in most lines of the last second: ` - - [TIME] "`. */
  #usual = '';
  #usualTime = '';

  /** @param mayHoldHeader whether the site may be the Host header as the client sent it, with spaces */
  constructor(
    private readonly hasHost: boolean,
    private readonly policy: ProxyPolicy,
    private readonly mayHoldHeader = false,
  ) {}

  read(line: string): Reading {
    const text = withoutWrapping(line);
    const endWord = endOfWord(text);
    const separator = text.charCodeAt(endWord) === TAB ? TAB : SPACE;
    const usual = this.#usualHead(text, endWord);
    const head = usual ?? headOf(text, separator, this.hasHost);
    if (typeof head === 'string') return unreadable(head);
    const time = this.#time.read(head.time);
    const endRequest = closingQuote(text, head.quote + 1);
    if (endRequest < 0 || text.charCodeAt(endRequest + 1) !== separator)
      return unreadable('has a request that does not end');
    const tail = tailOf(text, endRequest + 2, separator);
    if (typeof tail === 'string') return unreadable(tail);
    // Most lines contain nothing that must be converted, and one test of the line shows that.
    const isPlain = isPlainFrom(text, usual === undefined ? 0 : usual.quote);
    if (usual === undefined && isPlain && head.isCanonical && head.names.user === '-') {
      this.#usualTime = head.time;
      // Each of the next lines is compared with this text. Copy it into one piece, because comparing with a joined text
      // is slower.
      this.#usual = Buffer.from(` - - [${head.time}] "`, 'latin1').toString('latin1');
    }
    const parts = requestLine(text.slice(head.quote + 1, endRequest), isPlain ? plainWord : wordFromLog);
    if (parts === undefined) return NOTHING;
    const { client, names } = head;
    const { status, size, texts } = tail;
    const isCanonical =
      isPlain &&
      text === line &&
      separator === SPACE &&
      head.isCanonical &&
      texts !== undefined &&
      isPlainRequest(parts, text, head.quote + 1, endRequest);
    const noClient = this.#whyNoClient(head, separator);
    const record: AccessRecord = {
      kind: 'access',
      time,
      client: noClient === undefined ? client : undefined,
      noClient,
      user: names.user === '""' ? '-' : names.isPlain && isPlain ? names.user : wordFromLog(names.user),
      method: parts.method,
      target: parts.target,
      version: parts.version,
      status,
      size,
      referer: texts === undefined ? '-' : isPlain ? texts.referer : textFromLog(texts.referer),
      userAgent: texts === undefined ? '-' : isPlain ? texts.userAgent : textFromLog(texts.userAgent),
      host: head.host,
      canonical: isCanonical && texts !== undefined ? line.slice(0, texts.end) : undefined,
    };
    return record;
  }

  /** @returns the result of `headOf` if the line begins like most lines of the last second; else undefined */
  #usualHead(text: string, afterClient: number): Head | undefined {
    if (this.#usual === '' || !text.startsWith(this.#usual, afterClient)) return undefined;
    const word = text.slice(0, afterClient);
    const client = parseAddressField(word);
    if (client !== word) return undefined;
    const quote = afterClient + this.#usual.length - 1;
    return { host: undefined, client, names: NO_NAMES, time: this.#usualTime, quote, isCanonical: true };
  }

  /** @returns undefined when the first word is the client */
  #whyNoClient({ client, names }: Head, separator: number): string | undefined {
    if (this.mayHoldHeader && !names.isPlain && holdsAddress(names.user, String.fromCharCode(separator)))
      return 'may begin with a Host header that holds spaces';
    if (client === undefined) return NAMES_A_HOST;
    // If proxies are known, a proxy's address is not a client's.
    if (this.policy.proxies === undefined && !this.policy.trustsPeer) return undefined;
    const found = clientOf(client, undefined, undefined, this.policy);
    return found.address === undefined ? found.reason : undefined;
  }
}

/** @returns the parts before the request, or the reason why they cannot be read */
function headOf(text: string, separator: number, hasHost: boolean): Head | string {
  const space = String.fromCharCode(separator);
  let start = 0;
  let host: string | undefined;
  if (hasHost) {
    const end = text.indexOf(space);
    host = end > 0 ? hostName(text.slice(0, end)) : undefined;
    if (host === undefined) return 'does not begin with the name of a site';
    start = end + 1;
  }
  const afterClient = text.indexOf(space, start);
  if (afterClient <= start) return 'has no client';
  const word = text.slice(start, afterClient);
  const client = parseAddressField(word);
  if (client === undefined && !isName(word)) return 'does not begin with an address';

  // Apache writes an empty user name as "". These two quotes come directly after identd's answer.
  const user = text.indexOf(space, afterClient + 1) + 1;
  const hasNoUser = user > 0 && isQuote(text, user) && text.startsWith(`""${space}[`, user);
  // A user name may hold escaped quotes.
  const quote = closingQuote(text, hasNoUser ? user + 2 : afterClient);
  const openTime = quote < 0 ? -1 : text.lastIndexOf('[', quote);
  const closeTime = openTime < afterClient ? -1 : text.indexOf(']', openTime);
  if (closeTime < 0 || closeTime > quote || text.charCodeAt(quote - 1) !== separator)
    return 'has no time before the request';
  const names = identAndUser(text, afterClient + 1, openTime - 1, space);
  if (names === undefined) return 'has no user before the time';
  // No identd answers with an address, so a line with two addresses is of another format.
  if (names.ident !== '-' && parseAddressField(names.ident) !== undefined)
    return 'has an address in the place of the user';
  const isCanonical =
    start === 0 &&
    client === word &&
    names.isPlain &&
    names.ident === '-' &&
    names.user !== '""' &&
    closeTime + 2 === quote &&
    closeTime - openTime === LENGTH_OF_TIME;
  return { host, client, names, time: text.slice(openTime + 1, closeTime), quote, isCanonical };
}

/** @returns the parts after the request, or the reason why they cannot be read */
function tailOf(text: string, from: number, separator: number): Tail | string {
  const space = String.fromCharCode(separator);
  const endStatus = text.indexOf(space, from);
  const status = text.slice(from, endStatus < 0 ? text.length : endStatus);
  if (!isStatus(status)) return 'has no status after the request';
  if (endStatus < 0) return 'has no size after the status';
  const endSize = text.indexOf(space, endStatus + 1);
  const size = text.slice(endStatus + 1, endSize < 0 ? text.length : endSize);
  if (!isSize(size)) return 'has no size after the status';
  const texts = endSize < 0 ? undefined : refererAndAgent(text, endSize + 1, separator);
  if (texts === null) return 'has a referer or a user agent that does not end';
  return { status, size, texts };
}

const LENGTH_OF_TIME = '20/Nov/2026:09:00:00 +0000]'.length;
/** Printable, and no backslash. Its quotes belong to the format: no text contains a quote. */
const PLAIN = /[ -[\]-~]*$/y;

function isPlainFrom(text: string, from: number): boolean {
  PLAIN.lastIndex = from;
  return PLAIN.test(text);
}

/** Returns what wordFromLog returns, for a text that is PLAIN. */
const plainWord = (text: string): string => (text.includes(' ') ? wordFromLog(text) : text);

/** True if the log has the request line exactly as its canonical parts, joined by spaces. */
const isPlainRequest = (
  { method, target, version }: { method: string; target: string; version: string },
  text: string,
  from: number,
  to: number,
): boolean => {
  const targetAt = from + method.length + 1;
  const versionAt = targetAt + target.length + 1;
  // Equal lengths are not enough: if a space within the target becomes `\x20`, the target gets three bytes longer, and
  // three more spaces after the target would give the same length.
  return (
    method !== '-' &&
    versionAt + version.length === to &&
    text.startsWith(target, targetAt) &&
    text.startsWith(version, versionAt)
  );
};

/** OpenLiteSpeed writes its lines in quotes. Some programs begin a file with a byte order mark, or a line with a space. */
function withoutWrapping(line: string): string {
  const first = line.charCodeAt(0);
  if (first !== 0x22 && first !== SPACE && first !== 0xef) return line;
  const text = (line.startsWith(BOM) ? line.slice(BOM.length) : line).trimStart();
  const isWrapped = text.startsWith('"') && text.endsWith('"') && !text.startsWith('""');
  return isWrapped ? text.slice(1, -1) : text;
}

const LONGEST_WORD = 300;

/**
 * The end of the first word. The byte there separates all words: no server writes a raw tab into a text.
 * @returns -1 if the word is longer than any client's address
 */
function endOfWord(text: string): number {
  for (let at = 0; at < text.length && at < LONGEST_WORD; at++) {
    const code = text.charCodeAt(at);
    if (code === SPACE || code === TAB) return at;
  }
  return -1;
}

/**
 * True if the words before the time have the form that they have in nearly every line: the client, identd's answer, and
 * a user name without spaces. If the client is an address, identd's answer may be any word, and the user name may also
 * be `- -`. If the client is the name of a host, identd's answer must be `-`.
 */
function hasPlainHead(text: string, from: number): boolean {
  const head = text.slice(from, from + LONGEST_HEAD);
  const bracket = head.search(/[\t ]\[/);
  const quote = head.indexOf('"', bracket);
  // An escaped quote belongs to a client's text.
  if (bracket < 0 || quote < 0 || !/[\t ]/.test(head.charAt(quote - 1))) return false;
  // If a format begins with a client's text, that text may look like a whole head, and the server's own head follows
  // it.
  if (head.slice(bracket + 2, quote).includes('[')) return false;
  const [client = '', ident = '', ...words] = head.slice(0, bracket).split(/[\t ]/);
  const user = words.join(' ');
  // If the user name is an address, it may be the address that the server wrote, after a client's text.
  const isUser =
    user !== '' && (!/[ (),]/.test(user) || user === '- -') && parseAddressField(user) === undefined;
  const hasClient = parseAddressField(client) !== undefined;
  return isUser && (hasClient ? /^[\w.-]+$/.test(ident) : isName(client) && ident === '-' && user !== '- -');
}

const LONGEST_HEAD = 600;

/**
 * The name of the site in the first word: `www.example.org`, `www.example.org:443`, `[www.example.org]`,
 * `[2001:db8::1]:443`.
 */
function hostName(word: string): string | undefined {
  if (word.includes('"')) return undefined;
  if (!word.startsWith('[')) return word;
  const close = word.indexOf(']');
  const isPort = /^(?::\d{1,5})?$/.test(word.slice(close + 1));
  return close > 1 && isPort ? word.slice(1, close) : undefined;
}

/** True if a word may be the name of a host: it has a letter, and no byte that a name cannot have. */
function isName(word: string): boolean {
  return word.length <= 255 && /^(?=.*[A-Za-z])[A-Za-z0-9._-]+$/.test(word);
}

interface Names {
  readonly ident: string;
  readonly user: string;
  /** True if the user name is a single word. */
  readonly isPlain: boolean;
}

/**
 * Parses the words between the client and the time. The first word is identd's answer, and the rest is the user name,
 * which may hold spaces.
 */
function identAndUser(text: string, from: number, to: number, space: string): Names | undefined {
  const end = text.indexOf(space, from);
  if (to <= from || end < 0 || end >= to) return undefined;
  const user = text.slice(end + 1, to);
  return { ident: text.slice(from, end), user, isPlain: !user.includes(space) };
}

const NO_NAMES: Names = { ident: '-', user: '-', isPlain: true };

function isStatus(word: string): boolean {
  if (word.length !== 3 || !isDigits(word)) return word === '-';
  // nginx writes 000 for a request that it has not answered, and 009 for a request without a version.
  return word.charCodeAt(0) !== ZERO || word === '000' || word === '009';
}

const isSize = (word: string): boolean =>
  word === '-' || (word.length > 0 && word.length <= 20 && isDigits(word));

function isDigits(word: string): boolean {
  for (let i = 0; i < word.length; i++) {
    const code = word.charCodeAt(i);
    if (code < ZERO || code > NINE) return false;
  }
  return true;
}

/**
 * True if one of the words is an address. If a line begins with a Host header that holds spaces, the client's address
 * comes after that header.
 */
const holdsAddress = (text: string, space: string): boolean =>
  text.split(space).some((word) => parseAddressField(word) !== undefined);

interface RefererAndAgent {
  readonly referer: string;
  readonly userAgent: string;
  /** The offset after the user agent. */
  readonly end: number;
}

/** @returns undefined in the common format; null if the referer or the user agent does not end */
function refererAndAgent(text: string, from: number, separator: number): RefererAndAgent | undefined | null {
  if (!isQuote(text, from)) return undefined;
  const endReferer = closingQuote(text, from + 1);
  if (endReferer < 0) return null;
  if (text.charCodeAt(endReferer + 1) !== separator || !isQuote(text, endReferer + 2)) return undefined;
  const endAgent = closingQuote(text, endReferer + 3);
  if (endAgent < 0) return null;
  const referer = text.slice(from + 1, endReferer);
  return { referer, userAgent: text.slice(endReferer + 3, endAgent), end: endAgent + 1 };
}
