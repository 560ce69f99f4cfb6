import { type Address, parseAddress } from '../../base/address.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import { oncePerPack } from '../../base/pack-overlay.ts';
import { type Groups, ipv4Number, mappedIpv4, readIpv6, translatedIpv4 } from '../address-numbers.ts';
import { CDN_LISTS, CUSTOMER_PROGRAMS, cdnList } from './cdn-lists.ts';
import { RangeSet } from './range-set.ts';

const groups: Groups = new Uint16Array(8);

/** The proxies of TRUSTED_PROXIES. The addresses that they append to a header are genuine. */
export class TrustedProxies {
  readonly #ranges: () => RangeSet;
  readonly #cdns: readonly string[];

  /**
   * @param items addresses, prefixes, and names of CDNs
   * @throws RiposteError (CONFIG) for anything else
   */
  constructor(items: readonly string[]) {
    this.#ranges = oncePerPack(() => new RangeSet(items.flatMap(prefixesOf)));
    this.#ranges();
    this.#cdns = items.filter((item) => CDN_LISTS.has(item));
  }

  /** True for the address of a proxy in this list. @param address in any form, without brackets, port or space */
  has(address: string): boolean {
    return isIn(this.#ranges(), address);
  }

  /** The name of the CDN that has a proxy at this address, if TRUSTED_PROXIES names that CDN; else undefined. */
  cdnOf(address: string): string | undefined {
    if (this.#cdns.length === 0) return undefined;
    const name = cdnOf(address);
    return name !== undefined && this.#cdns.includes(name) ? name : undefined;
  }
}

/**
 * True for an address that no client on the Internet has: private (RFC 1918, RFC 4193), shared (RFC 6598), link-local
 * or loopback. At the end of a header, it is the address of a proxy or a client inside the network.
 */
export const isPrivate = (address: string): boolean => isIn(PRIVATE, address);

/** True for an address of a CDN from which its customers' programs make requests, with headers of their choice. */
export const isCustomerProgram = (address: string): boolean => isIn(PROGRAMS, address);

/** The name of the CDN that has a proxy at this address, as TRUSTED_PROXIES takes it; undefined if there is none. */
export function cdnOf(address: string): string | undefined {
  cdns ??= [...CDN_LISTS].map(([name]) => [name, new TrustedProxies([name])]);
  return cdns.find(([, proxies]) => proxies.has(address))?.[0];
}

/** Made at the first call: most programs never need it. */
let cdns: readonly (readonly [string, TrustedProxies])[] | undefined;

const PRIVATE = new RangeSet(
  [
    '10.0.0.0/8',
    '172.16.0.0/12',
    '192.168.0.0/16',
    '100.64.0.0/10',
    '169.254.0.0/16',
    '127.0.0.0/8',
    '::1',
    'fc00::/7',
    'fe80::/10',
  ].map(parseAddress),
);

const PROGRAMS = new RangeSet(CUSTOMER_PROGRAMS.map(parseAddress));

/** Looks up `::ffff:a.b.c.d` and `64:ff9b::a.b.c.d` as IPv4 addresses, and `64:ff9b::a.b.c.d` also unchanged. */
function isIn(ranges: RangeSet, address: string): boolean {
  const ipv4 = ipv4Number(address);
  if (ipv4 >= 0) return ranges.hasIpv4(ipv4);
  if (!readIpv6(address, 0, address.length, groups)) return false;
  const mapped = mappedIpv4(groups);
  if (mapped >= 0) return ranges.hasIpv4(mapped);
  const translated = translatedIpv4(groups);
  return (translated >= 0 && ranges.hasIpv4(translated)) || ranges.hasIpv6(groups);
}

function prefixesOf(item: string): Address[] {
  const list = cdnList(item);
  if (list) return list.prefixes.map(parseAddress);
  try {
    return [parseAddress(item)];
  } catch (error) {
    if (!(error instanceof RiposteError)) throw error;
    const names = [...CDN_LISTS.keys()].join(', ');
    throw new RiposteError(
      EX.CONFIG,
      `TRUSTED_PROXIES: ${error.message}; write an address, a prefix, or one of ${names}`,
    );
  }
}
