import { ipv4Text, ipv6Text, mappedIpv4, readIpv6, translatedIpv4 } from './address-numbers.ts';

const groups = new Uint16Array(8);

/**
 * The text of the network that counts as one source: an IPv6 address's prefix of this length, in canonical form with
 * `/length`. Any other text stays unchanged; an IPv4 address that IPv6 carries stays alone, because many clients share
 * its prefix.
 *
 * @param address as a log has it
 */
export function sourceNetwork(address: string, ipv6Prefix: number): string {
  if (ipv6Prefix >= 128 || !address.includes(':')) return address;
  if (address !== last.address || ipv6Prefix !== last.ipv6Prefix)
    last = { address, ipv6Prefix, network: networkOf(address, ipv6Prefix) };
  return last.network;
}

/** The last answer: several parts ask about the source of one detection. */
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

/** In 2001::/32 the prefix is that of a Teredo server, and each client has one address (RFC 4380). */
const isTeredo = (of: Uint16Array): boolean => of[0] === 0x2001 && of[1] === 0;

/** An address of one host in canonical form, an IPv4 address for a mapped one. Any other text stays unchanged. */
export function canonicalHost(text: string): string {
  const address = text.replace(/\/(?:32|128)$/, '');
  if (!address.includes(':') || !readIpv6(address, 0, address.length, groups)) return address;
  const ipv4 = mappedIpv4(groups);
  return ipv4 >= 0 ? ipv4Text(ipv4) : ipv6Text(groups);
}
