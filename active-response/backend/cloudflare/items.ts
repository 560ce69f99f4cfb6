import { parseAddress } from '../../../base/address.ts';

/** An item of a Cloudflare list. */
export interface Item {
  readonly id: string;
  /** The address or prefix in our canonical form. */
  readonly ip: string;
  readonly comment: string;
}

/** The longest IPv6 prefix that every list accepts. */
const LONGEST6 = 64;

/**
 * The item that blocks an address: an IPv4 address or prefix unchanged, or an IPv6 prefix of at most 64 bits.
 * Cloudflare's documentation describes single IPv6 addresses only for some lists, but prefixes up to /64 for all lists.
 *
 * Source: https://developers.cloudflare.com/waf/tools/lists/custom-lists/
 */
export function itemOf(text: string): string {
  const { family, value, prefix } = parseAddress(text);
  if (family === 4 || prefix <= LONGEST6) return text;
  return parseAddress(`${parts(value)}/${LONGEST6}`).text;
}

/** The first 64 bits of an IPv6 address, as text. */
function parts(value: bigint): string {
  const groups = [112n, 96n, 80n, 64n].map((shift) => ((value >> shift) & 0xffffn).toString(16));
  return `${groups.join(':')}::`;
}
