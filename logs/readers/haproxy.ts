import type { ProxyPolicy } from '../proxies/client-of.ts';
import {
  accessRecord,
  clientIn,
  noAddress,
  nobody,
  pathOf,
  requestInBytes,
  statusOf,
  withoutPort,
} from './access-record.ts';
import { parseAddressField } from './address-field.ts';
import { bytesFromHex } from './canonical-text.ts';
import { localAccessTime } from './log-time.ts';
import { type LineReader, type LogFormat, NOTHING, type Reading, unreadable } from './reading.ts';
import { NO_VERSION, type RequestLine } from './request-line.ts';

/**
 * HAProxy's `option httplog` and `option httpslog` (its configuration manual, "HTTP log format"):
 *
 *   203.0.113.7:33317 [06/Feb/2009:12:14:14.655] http-in static/srv1 10/0/30/69/109 404 2750 - - ---- 1/1/1/1/0 0/0
 *   {1wt.eu} {} "GET /index.html HTTP/1.1"
 *
 * The date is in HAProxy's zone. HAProxy writes `"` and `#` inside texts as `#22` and `#23`, so the first quote begins
 * the request. Captured cookies and headers come before the request and may hold spaces. HAProxy cuts a line that is
 * longer than its limit (1,024 bytes unless the configuration says more): then the request does not end, but HAProxy's
 * own words are complete, because they come before it.
 */
export const haproxy: LogFormat = {
  name: 'haproxy',
  holds: 'access',
  cutsLines: true,
  newReader: ({ policy }) => new HaproxyReader(policy),
  isToldBy: (line) => {
    const parts = head(line);
    const quote = line.indexOf(' "');
    if (typeof parts !== 'object' || !REQUEST_TIMES.test(parts.times) || quote < parts.end) return false;
    // A line of another server may begin with a client's header that looks like the beginning of this format. In such a
    // line, the other server's own words come directly before the request, so check the words there.
    const between = line.slice(parts.end, quote);
    const captured = between.indexOf(' {');
    const counts = captured < 0 ? between : between.slice(0, captured);
    return COUNTS.test(counts) && (captured < 0 || between.endsWith('}'));
  },
};

/** The words between the size and the captured headers: cookies, flags, connections and queues. */
const COUNTS = /^ \S{1,500} \S{1,500} [A-Za-z-]{4} (?:\d{1,10}\/){4}\+?\d{1,10} \d{1,10}\/\d{1,10}$/;

/** Five times in milliseconds; -1 for a step that did not happen, `+` before a time that is still running. */
const REQUEST_TIMES = /^(?:[-+]?\d{1,10}\/){4}[-+]?\d{1,10}$/;
const CONNECTION_TIMES = /^(?:[-+]?\d{1,10}\/){2}[-+]?\d{1,10}$/;
const BAD_REQUEST: RequestLine = { method: '-', target: '-', version: NO_VERSION };

class HaproxyReader implements LineReader {
  constructor(private readonly policy: ProxyPolicy) {}

  read(line: string): Reading {
    const parts = head(line);
    if (typeof parts === 'string') return unreadable(parts);
    if (parts.isMessage) return NOTHING;
    // A line of `option tcplog` is about a connection, not about a request.
    if (CONNECTION_TIMES.test(parts.times)) return NOTHING;
    if (!REQUEST_TIMES.test(parts.times)) return unreadable('has no times after the server');
    const status = statusOf(parts.status);
    if (status === undefined) return unreadable('has no status after the times');
    const size = parts.size.startsWith('+') ? parts.size.slice(1) : parts.size;
    if (!/^\d{1,20}$/.test(size)) return unreadable('has no size after the status');
    const quote = line.indexOf(' "', parts.end);
    if (quote < 0) return unreadable('has no request');
    const close = line.indexOf('"', quote + 2);
    const request = requestIn(line.slice(quote + 2, close < 0 ? line.length : close), status);
    if (request === undefined) return NOTHING;
    const word = withoutPort(parts.client);
    if (word === undefined) return unreadable('does not begin with an address and a port');
    const isUnix = word === 'unix';
    if (!isUnix && parseAddressField(word) === undefined) return unreadable(`begins with ${noAddress(word)}`);
    const client = isUnix ? nobody('came through a Unix socket') : clientIn(word, this.policy);
    return accessRecord({ time: localAccessTime(parts.time), client, request, status, size });
  }
}

interface Head {
  readonly client: string;
  readonly time: string;
  /** True for a message of HAProxy about a connection, such as a failed TLS handshake. */
  readonly isMessage: boolean;
  readonly times: string;
  readonly status: string;
  readonly size: string;
  /** The offset after the size. */
  readonly end: number;
}

/**
 * Parses the words that HAProxy itself writes, before the first text of a client.
 *
 * @returns the words, or the reason why they cannot be read
 */
function head(line: string): Head | string {
  const [client, time, frontend, server, times, status, size] = words(line, 7);
  if (client === undefined || withoutPort(client.text) === undefined)
    return 'does not begin with an address and a port';
  if (time === undefined || !time.text.startsWith('[') || !time.text.endsWith(']'))
    return 'has no date after the address';
  const isMessage = frontend?.text.endsWith(':') === true;
  if (!isMessage && !server?.text.includes('/')) return 'has no backend and server';
  return {
    client: client.text,
    time: time.text.slice(1, -1),
    isMessage,
    times: times?.text ?? '',
    status: status?.text ?? 'none',
    size: size?.text ?? '',
    end: size?.end ?? line.length,
  };
}

interface Word {
  readonly text: string;
  readonly end: number;
}

function words(line: string, count: number): Word[] {
  const found: Word[] = [];
  for (let from = 0; found.length < count && from < line.length; ) {
    const space = line.indexOf(' ', from);
    const end = space < 0 ? line.length : space;
    found.push({ text: line.slice(from, end), end });
    from = end + 1;
  }
  return found;
}

/** @returns undefined for a connection without a request */
function requestIn(logged: string, status: string): RequestLine | undefined {
  if (logged === '<BADREQ>') return status === '400' ? BAD_REQUEST : undefined;
  const request = requestInBytes(bytesFromHex(logged, '#'));
  // HTTP/2 and later have no request line: HAProxy makes one with the whole URL.
  const isAbsolute = request !== undefined && /^HTTP\/[23]/.test(request.version);
  return isAbsolute ? { ...request, target: pathOf(request.target) } : request;
}
