import { parseAddressField } from '../readers/address-field.ts';
import { forwardedFor, startOfElement } from './forwarded.ts';
import { cdnOf, isCustomerProgram, isPrivate, type TrustedProxies } from './trusted-proxies.ts';

/**
 * The place in which a log names the client behind a proxy: in a header with a list of addresses, in the header of RFC
 * 7239, in Cloudflare's header, or in the PROXY protocol. `client-written` stands for headers such as X-Real-IP and
 * True-Client-IP, which many proxies pass on as the client wrote them.
 */
export type HeaderKind =
  | 'x-forwarded-for'
  | 'forwarded'
  | 'cf-connecting-ip'
  | 'proxy-protocol'
  | 'client-written';

/** Decides which peers may name the client in a header. */
export interface ProxyPolicy {
  /** `--behind-proxy`: every peer is a proxy. */
  readonly trustsPeer: boolean;
  /** TRUSTED_PROXIES; undefined when it is empty. */
  readonly proxies: TrustedProxies | undefined;
}

/** The client of a request: its address in canonical form, or a predicate that says why there is none. */
export type Client = { readonly address: string } | { readonly address: undefined; readonly reason: string };

/**
 * Finds the client of a request. The peer is genuine, because the server takes it from the connection. Only the right
 * end of a header is genuine, because trusted proxies have appended it; everything further left may be the client's own
 * text and is ignored. So the client is the last address of the list that is not a proxy's. If anything but proxies'
 * addresses follows it, there is no client.
 *
 * @param peer the address that the server has logged for the connection; undefined when the log has none
 * @param header the header's value as it was sent, without the log's escapes; undefined when the line has none
 * @param kind the content of the header; undefined when the log has no header
 */
export function clientOf(
  peer: string | undefined,
  header: string | undefined,
  kind: HeaderKind | undefined,
  policy: ProxyPolicy,
): Client {
  const { trustsPeer, proxies } = policy;
  if (peer === undefined) {
    if (!trustsPeer && proxies === undefined) return NO_PEER;
    return kind === undefined ? NO_HEADER : clientIn(undefined, header, kind, proxies);
  }
  const address = parseAddressField(peer);
  if (address === undefined) {
    // Any client's address may have a name, so a name does not show a proxy. But with --behind-proxy alone, every peer
    // is a proxy, and only the header counts.
    const isProxy = trustsPeer && proxies === undefined && kind !== undefined;
    return isProxy ? clientIn(undefined, header, kind, proxies) : PEER_IS_NAME;
  }
  // A server that puts the client in the peer's place (mod_remoteip, realip) logs no header.
  // With --behind-proxy alone every peer is a proxy, and a proxy is never blocked.
  if (kind === undefined) {
    const isProxy = proxies === undefined ? trustsPeer : proxies.has(address);
    return isProxy ? PEER_IS_PROXY : { address };
  }
  if (proxies === undefined) return trustsPeer ? clientIn(address, header, kind, proxies) : { address };
  if (proxies.has(address)) return clientIn(address, header, kind, proxies);
  // With both settings, --behind-proxy means only that a proxy inside the network need not be listed.
  const isInnerProxy = trustsPeer && isPrivate(address) && !isEmpty(header);
  return isInnerProxy ? clientIn(address, header, kind, proxies) : { address };
}

/** @param peer undefined if the log does not have its address */
function clientIn(
  peer: string | undefined,
  header: string | undefined,
  kind: HeaderKind,
  proxies: TrustedProxies | undefined,
): Client {
  const refusal = refusalOf(peer, kind, proxies);
  if (refusal) return refusal;
  if (isEmpty(header)) return NO_HEADER;
  if (kind === 'forwarded') return clientInList(header, startOfElement, forwardedFor, proxies, true);
  if (kind === 'x-forwarded-for') return clientInList(header, startOfItem, parseAddressField, proxies, false);
  const address = parseAddressField(header);
  if (address === undefined) return UNREADABLE;
  if (isCustomerProgram(address)) return PROGRAM;
  return proxies?.has(address) ? ONLY_PROXIES : { address };
}

/**
 * The reason why a header is not trusted. Nearly every proxy appends to X-Forwarded-For. Only Cloudflare overwrites
 * CF-Connecting-IP. Few proxies write Forwarded, and no CDN does. All other proxies pass on a header as the client
 * wrote it.
 */
function refusalOf(
  peer: string | undefined,
  kind: HeaderKind,
  proxies: TrustedProxies | undefined,
): Client | undefined {
  if (kind === 'client-written') return CLIENT_WRITTEN;
  if (kind === 'forwarded') {
    if (proxies === undefined) return FORWARDED_BY_ANY;
    return peer !== undefined && proxies.cdnOf(peer) !== undefined ? FORWARDED_BY_CDN : undefined;
  }
  if (kind !== 'cf-connecting-ip') return undefined;
  const cdn = peer === undefined ? undefined : proxies === undefined ? cdnOf(peer) : proxies.cdnOf(peer);
  return cdn === 'cloudflare' ? undefined : NOT_CLOUDFLARE;
}

const isEmpty = (header: string | undefined): header is undefined | '' =>
  header === undefined || header === '-' || header.trim() === '';

const startOfItem = (header: string, end: number): number =>
  end === 0 ? 0 : header.lastIndexOf(',', end - 1) + 1;

/**
 * @param startOf finds where the last element of a part begins
 * @param addressOf reads the address in an element
 * @param endsAtCdn true for a header to which no CDN appends, so that a client wrote everything to the left of its
 * address
 */
function clientInList(
  header: string,
  startOf: (header: string, end: number) => number,
  addressOf: (element: string) => string | undefined,
  proxies: TrustedProxies | undefined,
  endsAtCdn: boolean,
): Client {
  // The private addresses to the left of the listed proxies: the leftmost address so far, and their number.
  let inner: string | undefined;
  let count = 0;
  for (let end = header.length; ; ) {
    const start = startOf(header, end);
    const address = addressOf(header.slice(start, end));
    if (address === undefined) return UNREADABLE;
    if (isCustomerProgram(address)) return PROGRAM;
    const isListed = proxies?.has(address) === true;
    if (!isListed && !isPrivate(address)) return { address };
    if (endsAtCdn && proxies?.cdnOf(address) !== undefined) return FORWARDED_BY_CDN;
    if (!isListed || count > 0) {
      inner = address;
      count++;
    }
    if (start === 0) break;
    end = start - 1;
  }
  // If there are several private addresses, a client inside the network may have written all of them but the last.
  if (inner === undefined) return ONLY_PROXIES;
  return count === 1 ? { address: inner } : ONLY_PRIVATE;
}

const none = (reason: string): Client => ({ address: undefined, reason });

const NO_PEER = none(
  'has the client only in a header, which the client may have written; set TRUSTED_PROXIES if a proxy wrote it',
);
const PEER_IS_NAME = none('has a name instead of the address of the connection');
const PEER_IS_PROXY = none('comes from a trusted proxy, and the log has no header with the client');
const NO_HEADER = none('comes through a proxy that names no client');
const CLIENT_WRITTEN = none(
  'has the client only in a header that many proxies pass on as the client wrote it; log X-Forwarded-For instead',
);
const FORWARDED_BY_ANY = none(
  'has the client in Forwarded, which few proxies write; log X-Forwarded-For instead, or name your proxies in TRUSTED_PROXIES if they write Forwarded',
);
const FORWARDED_BY_CDN = none(
  'has the client in Forwarded, which a CDN passes on as the client wrote it; log X-Forwarded-For instead',
);
const NOT_CLOUDFLARE = none(
  'has the client in CF-Connecting-IP and does not come from Cloudflare, which alone overwrites this header; log X-Forwarded-For instead',
);
const UNREADABLE = none('has a header that does not end with an address');
const PROGRAM = none('comes from a customer’s program at a CDN');
const ONLY_PROXIES = none('comes from a trusted proxy itself');
const ONLY_PRIVATE = none(
  'has several private addresses in its header and no other; list the proxies among them in TRUSTED_PROXIES',
);
