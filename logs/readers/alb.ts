import type { ProxyPolicy } from '../proxies/client-of.ts';
import { accessRecord, clientIn, isNone, noAddress, pathOf, statusOf, withoutPort } from './access-record.ts';
import { parseAddressField } from './address-field.ts';
import { textFromLog, wordFromLog } from './canonical-text.ts';
import { isoTime } from './log-time.ts';
import { closingQuote, isQuote } from './quotes.ts';
import { type LineReader, type LogFormat, type Reading, unreadable } from './reading.ts';
import { NO_VERSION, type RequestLine, requestLine } from './request-line.ts';

/**
 * Access logs of AWS load balancers (docs.aws.amazon.com/elasticloadbalancing: "Access log entries"). This is a line
 * of an application load balancer; a line of a classic load balancer begins with the time:
 *
 *   https 2018-07-02T22:23:00.186641Z app/my-lb/50dc6c495c0c9188 203.0.113.7:2817 10.0.0.1:80 0.086 0.048 0.037
 *   404 404 0 57 "GET https://www.example.com:443/ HTTP/1.1" "curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 …
 *
 * Times are in UTC. The load balancer itself writes everything before the first quote. If it cannot parse a request,
 * it writes `- http://NAME:80- -`.
 */
export const alb: LogFormat = {
  name: 'alb',
  holds: 'access',
  newReader: ({ policy }) => new LoadBalancerReader(policy),
  // A line of another server may begin with a client's text that looks like the beginning of this format. In such a
  // line, the other server's own words come directly before the request, so check the words there.
  isToldBy: (line) =>
    / -?\d{1,20} -?\d{1,20}$/.test(line.slice(0, Math.max(0, line.indexOf(' "'))).slice(-50)),
};

/** `http`, `https`, `h2`, `grpcs`, `ws` and `wss`. */
const TYPE = /^[a-z][a-z0-9]{1,5}$/;
const SECONDS = /^-?\d{1,10}(?:\.\d{1,9})?$/;
const WITHOUT_TYPE = 11;

class LoadBalancerReader implements LineReader {
  constructor(private readonly policy: ProxyPolicy) {}

  read(line: string): Reading {
    const quote = line.indexOf(' "');
    const words = quote < 0 ? [] : line.slice(0, quote).split(' ');
    if (words.length === WITHOUT_TYPE + 1 && TYPE.test(words[0] ?? '')) words.shift();
    if (words.length !== WITHOUT_TYPE)
      return unreadable('does not have eleven words before the request, not counting the type');
    const [logged = '', name = '', address = '', , ...rest] = words;
    const [first = '', second = '', third = '', code = '', , , sent = ''] = rest;
    const time = isoTime(logged, 'utc');
    if (time === undefined || name === '') return unreadable('does not begin with a time and a name');
    if (![first, second, third].every((each) => SECONDS.test(each)))
      return unreadable('has no processing times after the target');
    const word = withoutPort(address) ?? '';
    if (parseAddressField(word) === undefined) return unreadable(`has no client: ${noAddress(address)}`);
    const client = clientIn(word, this.policy);
    const status = statusOf(code);
    if (status === undefined) return unreadable('has no status after the processing times');
    const endRequest = closingQuote(line, quote + 2);
    if (endRequest < 0) return unreadable('has a request that does not end');
    const hasAgent = isQuote(line, endRequest + 2);
    const endAgent = hasAgent ? closingQuote(line, endRequest + 3) : -1;
    if (endAgent < 0) return unreadable('has no user agent after the request');
    const agent = line.slice(endRequest + 3, endAgent);
    return {
      ...accessRecord({
        time,
        client,
        request: requestIn(line.slice(quote + 2, endRequest)),
        status,
        size: sent,
      }),
      userAgent: isNone(agent) ? '-' : textFromLog(agent),
    };
  }
}

/** Keeps the path of the target, which the load balancer logs as a whole URL. */
function requestIn(logged: string): RequestLine {
  const request = logged.startsWith('- ') ? undefined : requestLine(logged, (text) => text);
  if (request === undefined) return { method: '-', target: '-', version: NO_VERSION };
  return {
    method: request.method,
    target: wordFromLog(pathOf(request.target)),
    version: wordFromLog(request.version),
  };
}
