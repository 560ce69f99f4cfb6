import { parametersOf, type QueryParameter, queryDecoded } from './parameters.ts';
import { percentDecoded, withoutEscapes, withoutLookalikes, withoutOverlong } from './percent.ts';

/** A target in the canonical spelling that signatures match. Bytes are one character each. */
export interface DecodedTarget {
  /**
   * Decoded up to twice, in lower case, without dot segments, empty segments, `;params`, and endings that servers
   * ignore: dots, spaces, and everything from a NUL on. It begins with a slash, but does not end with one.
   */
  readonly path: string;
  /** The same path with its dot segments, parameters and endings unchanged. */
  readonly uncollapsed: string;
  /** Unchanged; empty if there is none. */
  readonly query: string;
  /** Decoded up to twice, in lower case, `+` as a space. */
  readonly decodedQuery: string;
  readonly parameters: readonly QueryParameter[];
}

/** No server accepts a longer target. The rest is ignored. */
const LONGEST = 16_384;

/** @param target a record's canonical text */
export function decodedTarget(target: string): DecodedTarget {
  const plain = withoutRequestLine(withoutEscapes(target.slice(0, LONGEST)));
  const local = withoutSite(plain);
  const at = local.indexOf('?');
  const query = at < 0 ? '' : local.slice(at + 1);
  // Servers that interpret `#` end the path there, and see no query after it.
  const uncollapsed = decodedPath(beforeFirst('#', at < 0 ? local : local.slice(0, at)));
  const path = collapsed(uncollapsed);
  return {
    path,
    uncollapsed,
    query,
    decodedQuery: query === '' ? '' : queryDecoded(query),
    parameters: query === '' ? NO_PARAMETERS : parametersOf(query, TRACKER.test(path)),
  };
}

const NO_PARAMETERS: readonly QueryParameter[] = [];

/** Programs for statistics of visits: a parameter with a page's address may contain the words of a visitor's search. */
const TRACKER = /^\/(?:(?:[\w-]+\/){0,3}(?:matomo|piwik|ppms)\.php|(?:[a-z]\/)?collect)$/;

/** A path decoded up to twice, in lower case, with slashes for backslashes. */
function decodedPath(path: string): string {
  return plainBytes(percentDecoded(plainBytes(percentDecoded(path))))
    .replaceAll('\\', '/')
    .toLowerCase();
}

const plainBytes = (bytes: string): string => withoutLookalikes(withoutOverlong(bytes));

/**
 * If a server could not parse a request line, the log's target is the whole line, such as `/a HTTP/1.1` or
 * `GET<tab>/a HTTP/1.1`. nginx and Apache answer some of these requests.
 */
function withoutRequestLine(target: string): string {
  if (!MAY_HOLD_REQUEST_LINE.test(target)) return target;
  return target.replace(METHOD_BEFORE, '').replace(VERSION_BEHIND, '');
}

const MAY_HOLD_REQUEST_LINE = /[\t\v\f\r\n ]/;
const METHOD_BEFORE = /^[A-Za-z]{1,20}[\t\v\f\r\n ]+(?=\/|[a-z]+:\/\/)/;
const VERSION_BEHIND = /[\t\v\f\r\n ]+HTTP\/\d.*$/s;

/** `http://www.example.org/a` becomes `/a`; `www.example.org:443`, from CONNECT, becomes `/`. */
function withoutSite(target: string): string {
  if (target.startsWith('/')) return target;
  const site = /^[a-z][a-z0-9+.-]{0,11}:\/\/[^/?#\\]*/i.exec(target)?.[0];
  return site === undefined ? target : target.slice(site.length);
}

function collapsed(uncollapsed: string): string {
  const kept: string[] = [];
  // Programs in C end a name at its NUL.
  for (const written of beforeFirst('\0', uncollapsed).split('/')) {
    const segment = withoutEnd(written);
    if (segment === '..') kept.pop();
    else if (segment !== '') kept.push(segment);
  }
  return `/${kept.join('/')}`;
}

/**
 * Removes the ending of a segment. Tomcat ignores `;params`. To pass filters, scanners append `&`, `|`, or an encoded
 * `?` or `#`, and any text. Windows ignores dots, spaces and the name of an NTFS data stream at the end of a name.
 */
function withoutEnd(written: string): string {
  const name = written.split(ENDS_NAME, 1)[0] ?? '';
  if (name === '..') return name;
  let end = name.endsWith(DATA_STREAM) ? name.length - DATA_STREAM.length : name.length;
  while (end > 0 && isIgnored(name.charCodeAt(end - 1))) end--;
  return name.slice(0, end);
}

/** The text before a character; all of it if the text does not contain the character. */
function beforeFirst(character: string, text: string): string {
  const at = text.indexOf(character);
  return at < 0 ? text : text.slice(0, at);
}

const ENDS_NAME = /[;&|?#]/;

const DATA_STREAM = '::$data';

/** Dots, spaces and control characters. */
const isIgnored = (code: number): boolean => code === 0x2e || code <= 0x20 || code === 0xa0;
