import { cdnOf } from '../logs/proxies/trusted-proxies.ts';

/**
 * Warns of addresses that are a CDN's proxies. Riposte holds these addresses: a block would shut out all visitors who
 * come through the proxy.
 *
 * @param addresses the addresses of detections
 * @returns undefined if none of them is a proxy
 */
export function proxyRemark(addresses: Iterable<string>): string | undefined {
  const names = [...addresses].flatMap((address) => cdnOf(address) ?? []);
  if (names.length === 0) return undefined;
  const cdns = [...new Set(names)].sort();
  const are = names.length === 1 ? 'of these addresses is a proxy' : 'of these addresses are proxies';
  return `${names.length} ${are} of ${cdns.join(' and ')}; Riposte does not block proxies, because many visitors come through them; set TRUSTED_PROXIES=${cdns.join(',')}`;
}

/**
 * Returns the reason why a CDN's proxy is held: a proxy is never the attacker.
 *
 * @returns undefined for other addresses
 */
export function whyHeldAsProxy(address: string): string | undefined {
  const cdn = cdnOf(address);
  return cdn && `it is a proxy of ${cdn}, through which many visitors come; add ${cdn} to TRUSTED_PROXIES`;
}

/** Returns the reason why a source that many clients share is held. @param address the source's */
export const whyHeldAsShared = (address: string): string =>
  `many visitors come through it, as through a NAT or a proxy; if it is your proxy, set TRUSTED_PROXIES=${address}`;

/** Warns of a source that many clients share. @param address the source's */
export const sharedWarning = (address: string): string =>
  `many visitors come through ${address}, as through a NAT or a proxy, so Riposte does not block it; ` +
  'if it is your proxy, add it to TRUSTED_PROXIES, and log X-Forwarded-For';

/** Warns of requests that come from proxies of a CDN. @param cdn the CDN's name in TRUSTED_PROXIES */
export const proxyWarning = (cdn: string): string =>
  `requests come from proxies of ${cdn}, through which many visitors come, so Riposte does not block them; ` +
  `add ${cdn} to TRUSTED_PROXIES, and log X-Forwarded-For`;
