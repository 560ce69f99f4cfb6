import type { ProxyPolicy } from '../proxies/client-of.ts';
import { accessRecord, clientIn, pathOf, requestOf, statusOf } from './access-record.ts';
import { parseAddressField } from './address-field.ts';
import { epochTime } from './log-time.ts';
import { type LineReader, type LogFormat, type Reading, unreadable } from './reading.ts';

/**
 * The native log of a Squid in front of a web server (wiki.squid-cache.org, "Squid native access.log
 * format"; `logformat squid %ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt`):
 *
 *   1795166986.123    200 203.0.113.7 TCP_MISS/404 1234 GET http://www.example.org/a - FIRSTUP_PARENT/10.0.0.5 text/html
 *
 * The client's address comes before all texts that the client sends. If `uri_whitespace allow` is set, a URL may
 * contain spaces, so the target ends before the last three words. Only the path of a URL is kept.
 */
export const squid: LogFormat = {
  name: 'squid',
  holds: 'access',
  newReader: ({ policy }) => new SquidReader(policy),
  // If more words follow the type, another server may have written the line, with a client's text in front of its own
  // words.
  isToldBy: (line) => {
    const head = HEAD.exec(line)?.[0];
    const words = head === undefined ? [] : line.slice(head.length).split(' ', 5);
    return words.length === 4 && PEER.test(words[2] ?? '');
  },
};

const HEAD =
  /^(\d{9,12}\.\d{3}) {1,12}-?\d{1,12} ([0-9A-Fa-f:.]{2,45}) ([A-Z_]{2,80})\/(\d{3}) (\d{1,20}) ([^ ]+) /;
const PEER = /^[A-Z_]{2,60}\/\S+$/;

class SquidReader implements LineReader {
  readonly #policy: ProxyPolicy;

  constructor({ proxies }: ProxyPolicy) {
    // --behind-proxy says that Squid itself is the proxy in front of the server, so Squid's peer is a client.
    this.#policy = { trustsPeer: false, proxies };
  }

  read(line: string): Reading {
    const [head, time = '', address = '', , code = '', size = '', method = ''] = HEAD.exec(line) ?? [];
    if (head === undefined)
      return unreadable('does not begin with a time, an address, a result and a method');
    if (parseAddressField(address) === undefined) return unreadable('has no address after the time');
    const rest = targetAndUser(line.slice(head.length));
    if (rest === undefined) return unreadable('has no user and peer after the target');
    const request = requestOf(method === 'NONE' ? '-' : method, pathOf(rest.target));
    const status = statusOf(code);
    if (status === undefined) return unreadable('has no status');
    if (request === undefined) return unreadable('has no request');
    const client = clientIn(address, this.#policy);
    return accessRecord({ time: epochTime(time), client, request, status, size, user: rest.user });
  }
}

/** @returns undefined when no user, peer and type follow the target */
function targetAndUser(text: string): { target: string; user: string } | undefined {
  // With log_mime_hdrs, the headers follow in brackets and may contain any text.
  const hasHeaders = text.endsWith(']');
  const words = text.split(' ', hasHeaders ? 4 : undefined);
  const peer = hasHeaders ? 2 : words.length - 2;
  if (peer < 2 || words.length < 4 || !PEER.test(words[peer] ?? '')) return undefined;
  return { target: words.slice(0, peer - 1).join(' '), user: words[peer - 1] ?? '-' };
}
