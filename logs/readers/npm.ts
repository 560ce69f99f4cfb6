import type { ProxyPolicy } from '../proxies/client-of.ts';
import { accessRecord, clientIn, isNone, statusOf } from './access-record.ts';
import { textFromLog, wordFromLog } from './canonical-text.ts';
import { AccessTime } from './log-time.ts';
import { closingQuote, isQuote } from './quotes.ts';
import { type LineReader, type LogFormat, NOTHING, type Reading, unreadable } from './reading.ts';
import { NO_VERSION } from './request-line.ts';

/**
 * Nginx Proxy Manager's two formats (its docker/rootfs/etc/nginx/conf.d/include/log-proxy.conf), `proxy` and
 * `standard`:
 *
 *   [$time_local] $upstream_cache_status $upstream_status $status - $request_method $scheme $host "$request_uri"
 *   [Client $remote_addr] [Length $body_bytes_sent] [Gzip $gzip_ratio] [Sent-to $server] "$http_user_agent" "$http_referer"
 *   [$time_local] $status - $request_method $scheme $host "$request_uri" [Client $remote_addr] [Length …] [Gzip …] "…" "…"
 *
 * nginx writes no raw quote into a text, so the client is in the `[Client …]` that directly follows the first quoted
 * text. Of a client's texts, only the method, the host and the target come before `[Client …]`.
 */
export const nginxProxyManager: LogFormat = {
  name: 'nginx-proxy-manager',
  holds: 'access',
  newReader: ({ policy }) => new ProxyManagerReader(policy),
};

const HEAD = /^\[([^\]]{1,40})\] (?:[A-Z-]{1,20} (?:-|\d{3}(?:(?:, | : )(?:-|\d{3})){0,50}) )?(\d{3}) - /;

class ProxyManagerReader implements LineReader {
  readonly #time = new AccessTime();

  constructor(private readonly policy: ProxyPolicy) {}

  read(line: string): Reading {
    const [head, time = '', logged = ''] = HEAD.exec(line) ?? [];
    if (head === undefined) return unreadable('does not begin with a time and a status');
    const quote = line.indexOf('"', head.length);
    const endTarget = quote < 0 ? -1 : closingQuote(line, quote + 1);
    if (endTarget < 0) return unreadable('has a target that does not end');
    const open = '" [Client ';
    const close = line.indexOf(']', endTarget);
    if (!line.startsWith(open, endTarget) || close < 0) return unreadable('has no client after the target');
    const client = clientIn(line.slice(endTarget + open.length, close), this.policy);
    const tail = tailOf(line, close + 1);
    if (tail === undefined) return unreadable('has no length, user agent or referer after the client');
    const [method = '', , ...host] = line.slice(head.length, quote - 1).split(' ');
    const target = line.slice(quote + 1, endTarget);
    if (isNone(method) && isNone(target)) return NOTHING;
    return {
      ...accessRecord({
        time: this.#time.read(time),
        client,
        request: {
          method: /^[A-Za-z0-9_-]{1,40}$/.test(method) ? method : '-',
          target: target === '' ? '-' : wordFromLog(target),
          version: NO_VERSION,
        },
        status: statusOf(logged) ?? '-',
        size: tail.length,
      }),
      host: isNone(host.join(' ')) ? undefined : wordFromLog(host.join(' ')),
      userAgent: tail.userAgent === '' ? '-' : textFromLog(tail.userAgent),
      referer: tail.referer === '' ? '-' : textFromLog(tail.referer),
    };
  }
}

interface Tail {
  readonly length: string;
  readonly userAgent: string;
  readonly referer: string;
}

/** Parses the text after the client: `[Length 150] [Gzip -] [Sent-to 10.0.0.5] "user agent" "referer"`. */
function tailOf(line: string, from: number): Tail | undefined {
  const open = ' [Length ';
  const close = line.indexOf(']', from);
  const agent = line.indexOf(' "', from);
  if (!line.startsWith(open, from) || close < 0 || agent < close) return undefined;
  const endAgent = closingQuote(line, agent + 2);
  if (endAgent < 0 || !isQuote(line, endAgent + 2)) return undefined;
  const endReferer = closingQuote(line, endAgent + 3);
  if (endReferer < 0) return undefined;
  return {
    length: line.slice(from + open.length, close),
    userAgent: line.slice(agent + 2, endAgent),
    referer: line.slice(endAgent + 3, endReferer),
  };
}
