import { ipv4Text, ipv6Text, mappedIpv4, readIpv6, translatedIpv4 } from './address-numbers.ts';

const groups = new Uint16Array(8);

/**
 * Returns the network that counts as one source: the prefix of an IPv6 address, in canonical form with `/length`.
 * Returns an IPv4-mapped address as IPv4, and any other text unchanged. Returns an address of NAT64 or Teredo
 * unchanged, too, because many clients share its prefix. With an `ipv6Prefix` of 128, returns every text unchanged.
 *
 * @param address as a log has it
 */
export function sourceNetwork(address: string, ipv6Prefix: number): string {
  if (ipv6Prefix >= 128 || !address.includes(':')) return address;
  if (address !== last.address || ipv6Prefix !== last.ipv6Prefix)
    last = { address, ipv6Prefix, network: networkOf(address, ipv6Prefix) };
  return last.network;
}

/** The last result, because several parts ask for the network of one detection's source. */
let last = { address: '', ipv6Prefix: 128, network: '' };

function networkOf(address: string, ipv6Prefix: number): string {
  if (!readIpv6(address, 0, address.length, groups)) return address;
  const ipv4 = mappedIpv4(groups);
  if (ipv4 >= 0) return ipv4Text(ipv4);
  if (translatedIpv4(groups) >= 0 || isTeredo(groups)) return address;
  for (let at = 0; at < 8; at++) {
    const kept = Math.min(16, Math.max(0, ipv6Prefix - 16 * at));
    groups[at] = (groups[at] as number) & (0xffff << (16 - kept));
  }
  return `${ipv6Text(groups)}/${ipv6Prefix}`;
}

/** In 2001::/32 the prefix belongs to a Teredo server, and each client has one address (RFC 4380). */
const isTeredo = (of: Uint16Array): boolean => of[0] === 0x2001 && of[1] === 0;

/**
 * The address of one host in canonical form; for an IPv4-mapped address, the IPv4 address. Any other text stays
 * unchanged.
 */
export function canonicalHost(text: string): string {
  const address = text.replace(/\/(?:32|128)$/, '');
  if (!address.includes(':') || !readIpv6(address, 0, address.length, groups)) return address;
  const ipv4 = mappedIpv4(groups);
  return ipv4 >= 0 ? ipv4Text(ipv4) : ipv6Text(groups);
}
