import { clientOf, type ProxyPolicy } from '../proxies/client-of.ts';
import { parseAddressField } from './address-field.ts';
import { textFromBytes, wordFromBytes } from './canonical-text.ts';
import { type AccessRecord, NAMES_A_HOST } from './reading.ts';
import { NO_VERSION, type RequestLine, requestLine } from './request-line.ts';

/** A request as a log has it. Texts are bytes without escapes; an empty text or `-` stands for a missing value. */
export interface LoggedRequest {
  readonly time: number | undefined;
  readonly client: Pick<AccessRecord, 'client' | 'noClient'>;
  readonly request: RequestLine;
  readonly status: string;
  readonly size?: string | undefined;
  readonly user?: string | undefined;
  readonly referer?: string | undefined;
  readonly userAgent?: string | undefined;
  readonly host?: string | undefined;
  readonly uniqueId?: string | undefined;
}

/** @returns the record, its texts in canonical form */
export function accessRecord(logged: LoggedRequest): AccessRecord {
  const { time, client, request, status, size, user, referer, userAgent, host, uniqueId } = logged;
  return {
    kind: 'access',
    time,
    client: client.client,
    noClient: client.noClient,
    user: wordFromBytes(orDash(user)),
    method: request.method,
    target: request.target,
    version: request.version,
    status,
    size: size !== undefined && /^\d{1,20}$/.test(size) ? size : '-',
    referer: textFromBytes(orDash(referer)),
    userAgent: textFromBytes(orDash(userAgent)),
    host: isNone(host) ? undefined : wordFromBytes(orDash(host)),
    uniqueId: isNone(uniqueId) ? undefined : wordFromBytes(orDash(uniqueId)),
  };
}

/** @returns three digits; `-` if the server sent no answer (0, 000, -1); undefined for anything else */
export function statusOf(word: string): string | undefined {
  if (/^[1-9]\d\d$/.test(word)) return word;
  return NO_STATUS.has(word) ? '-' : undefined;
}

const NO_STATUS: ReadonlySet<string> = new Set(['', '-', '0', '000', '-1']);

/** The client that a record names, or the reason why it names none. */
export type Named = Pick<AccessRecord, 'client' | 'noClient'>;

/**
 * @param word the server's text for the client's address
 * @param forwarded X-Forwarded-For, as it was sent; `-` for a request without one; undefined when the log does not have
 * that header
 */
export function clientIn(word: string, policy: ProxyPolicy, forwarded?: string): Named {
  if (isNone(word)) return nobody('has no address of the connection');
  const kind = forwarded === undefined ? undefined : 'x-forwarded-for';
  const client = clientOf(word, forwarded, kind, policy);
  if (client.address !== undefined) return { client: client.address };
  const isName = HOST_NAME.test(word) && parseAddressField(word) === undefined;
  return nobody(isName ? NAMES_A_HOST : client.reason);
}

const HOST_NAME = /^[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63}){0,120}\.?$/;

export const nobody = (noClient: string): Named => ({ client: undefined, noClient });

/** The reason why there is no client, for a word that should be an address. */
export const noAddress = (word: string): string => `'${wordFromBytes(word.slice(0, 60))}' is not an address`;

/**
 * Removes the port from an address with a port, as HAProxy, ALB and Go programs write it. These programs also write
 * IPv6 addresses without brackets: in `2001:db8::7:443` the last colon begins the port.
 *
 * @returns the word without its port; undefined when the word has no port
 */
export function withoutPort(word: string): string | undefined {
  const colon = word.lastIndexOf(':');
  return colon > 0 && /^\d{1,5}$/.test(word.slice(colon + 1)) ? word.slice(0, colon) : undefined;
}

/**
 * Makes a request from its parts. @param version empty or `-` if the log has none
 * @returns undefined when there was no request
 */
export function requestOf(method: string, target: string, version = ''): RequestLine | undefined {
  if (isNone(method) && isNone(target)) return undefined;
  const isWhole = version.startsWith('HTTP/');
  const written = !isWhole && /^\d(?:\.\d)?$/.test(version) ? `HTTP/${version}` : version;
  return {
    method: METHOD.test(method) ? method : '-',
    target: wordFromBytes(orDash(target)),
    version: written.startsWith('HTTP/') ? wordFromBytes(written) : NO_VERSION,
  };
}

const METHOD = /^[A-Za-z0-9_-]{1,40}$/;

/** Parses a request line that holds bytes without escapes. */
export const requestInBytes = (line: string): RequestLine | undefined => requestLine(line, wordFromBytes);

/** Removes the scheme and the site from an absolute URL, which proxies log as the target. */
export function pathOf(url: string): string {
  const end = url.indexOf('://');
  if (end < 1 || end > LONGEST_SCHEME || !/^[A-Za-z][A-Za-z0-9+.-]*$/.test(url.slice(0, end))) return url;
  const path = url.slice(end + 3).search(/[/?]/);
  if (path < 0) return url;
  const rest = url.slice(end + 3 + path);
  return rest.startsWith('?') ? `/${rest}` : rest;
}

const LONGEST_SCHEME = 12;

export const isNone = (text: string | undefined): boolean =>
  text === undefined || text === '' || text === '-';

const orDash = (text: string | undefined): string => (text === undefined || text === '' ? '-' : text);
