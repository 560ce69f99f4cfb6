/**
 * Addresses as numbers. Every line of a log has an address, so nothing here makes a BigInt, and a plain IPv4 address is
 * read in one pass.
 */

const COLON = 58;
const DOT = 46;
const ZERO = 48;

/**
 * The IPv4 address in a part of a text, from 0 to 2³²−1; -1 for anything else. As in the C library, an octet has no
 * leading zero.
 */
export function ipv4Number(text: string, start = 0, end = text.length): number {
  if (end - start > 15) return -1;
  let value = 0;
  let octet = 0;
  let digits = 0;
  let dots = 0;
  for (let at = start; at < end; at++) {
    const digit = text.charCodeAt(at) - ZERO;
    if (digit >= 0 && digit <= 9) {
      if (digits > 0 && octet === 0) return -1;
      octet = octet * 10 + digit;
      digits++;
      if (octet > 255) return -1;
    } else if (digit === DOT - ZERO && digits > 0) {
      value = value * 256 + octet;
      octet = 0;
      digits = 0;
      dots++;
    } else return -1;
  }
  return dots === 3 && digits > 0 ? value * 256 + octet : -1;
}

/** The eight 16-bit groups of an IPv6 address. */
export type Groups = Uint16Array;

/**
 * Reads the IPv6 address in a part of a text, in any form of RFC 4291. A zone is not allowed.
 *
 * @param groups gets the result @returns false if the part is not an address; then the content of groups is undefined
 */
export function readIpv6(text: string, start: number, end: number, groups: Groups): boolean {
  if (end - start < 2 || end - start > 45) return false;
  let at = start;
  let count = 0;
  let gap = -1;
  if (text.charCodeAt(at) === COLON) {
    if (text.charCodeAt(at + 1) !== COLON) return false;
    gap = 0;
    at += 2;
  }
  while (at < end) {
    if (count === 8) return false;
    const first = at;
    let value = 0;
    for (let digit = 0; at < end; at++) {
      digit = hexDigit(text.charCodeAt(at));
      if (digit < 0) break;
      value = value * 16 + digit;
    }
    if (at < end && text.charCodeAt(at) === DOT) {
      const last = ipv4Number(text, first, end);
      if (last < 0 || count > 6) return false;
      groups[count++] = last >>> 16;
      groups[count++] = last & 0xffff;
      break;
    }
    if (at === first || at - first > 4) return false;
    groups[count++] = value;
    if (at === end) break;
    if (text.charCodeAt(at) !== COLON) return false;
    at++;
    if (at === end) return false;
    if (text.charCodeAt(at) === COLON) {
      if (gap >= 0) return false;
      gap = count;
      at++;
    }
  }
  if (gap < 0) return count === 8;
  if (count === 8) return false;
  groups.copyWithin(8 - (count - gap), gap, count);
  groups.fill(0, gap, 8 - (count - gap));
  return true;
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  if (code >= 97 && code <= 102) return code - 87;
  return code >= 65 && code <= 70 ? code - 55 : -1;
}

/** The IPv4 address in `::ffff:a.b.c.d`; -1 for any other address. */
export const mappedIpv4 = (groups: Groups): number => (hasHead(groups, MAPPED) ? tail(groups) : -1);

/** The IPv4 address in `64:ff9b::a.b.c.d`, which NAT64 makes (RFC 6052); -1 for any other address. */
export const translatedIpv4 = (groups: Groups): number => (hasHead(groups, TRANSLATED) ? tail(groups) : -1);

const MAPPED = [0, 0, 0, 0, 0, 0xffff] as const;
const TRANSLATED = [0x64, 0xff9b, 0, 0, 0, 0] as const;

const hasHead = (groups: Groups, head: readonly number[]): boolean =>
  head.every((group, index) => groups[index] === group);

const tail = (groups: Groups): number => (groups[6] ?? 0) * 65_536 + (groups[7] ?? 0);

/** An IPv4 address in its usual form. */
export const ipv4Text = (value: number): string =>
  `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;

/** An IPv6 address in its canonical form (RFC 5952): `::` stands for the first of the longest runs of zeros. */
export function ipv6Text(groups: Groups): string {
  let longest = 1;
  let from = -1;
  for (let at = 0; at < 8; at++) {
    let end = at;
    while (end < 8 && groups[end] === 0) end++;
    if (end - at > longest) {
      longest = end - at;
      from = at;
    }
    if (end > at) at = end - 1;
  }
  let text = '';
  for (let at = 0; at < 8; at++) {
    if (at === from) {
      text += '::';
      at += longest - 1;
      continue;
    }
    if (text !== '' && !text.endsWith(':')) text += ':';
    text += (groups[at] ?? 0).toString(16);
  }
  return text;
}
