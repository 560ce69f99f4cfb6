import { type Address, bitsOf, isHost, parseAddress } from '../base/address.ts';
import type { Request } from './protocol/request.ts';
import type { Settings } from './settings/settings.ts';

/** The IPv6 prefix length of one source when IPV6_PREFIX is not set: providers assign each customer a /64 at least. */
const OF_ONE_SOURCE = 64;

/**
 * The length of the IPv6 network that is blocked for a request. A manager's request blocks the address that it names,
 * unless IPV6_PREFIX is set; the request of an operator or a list always blocks exactly its address.
 */
export const ipv6Prefix = (
  { source }: Pick<Request, 'source'>,
  settings: Pick<Settings, 'ipv6Prefix'>,
): number =>
  source === 'operator' || source === 'list'
    ? 128
    : settings.ipv6Prefix || (source === 'server' ? OF_ONE_SOURCE : 128);

/** The networks that a request may block instead of its address, the widest first; usually none. */
export function networksFor(
  address: Address,
  request: Request,
  settings: Pick<Settings, 'ipv6Prefix'>,
): Address[] {
  const bits = bitsOf(address.family);
  if (!isHost(address) || request.prefix === bits) return [];
  const prefixes = [request.prefix ?? bits, address.family === 4 ? bits : ipv6Prefix(request, settings)];
  return prefixes.filter((each) => each < bits).map((each) => parseAddress(`${address.text}/${each}`));
}
