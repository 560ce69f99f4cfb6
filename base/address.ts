import { SocketAddress } from 'node:net';
import { EX, RiposteError } from './errors.ts';
import { printable } from './printable.ts';

/** An IP address, or a prefix when `prefix` is shorter than the family's 32 or 128 bits. */
export interface Address {
  readonly family: 4 | 6;
  /** The address as a number; the bits after the prefix are 0. */
  readonly value: bigint;
  readonly prefix: number;
  /** The canonical text: RFC 5952, with `/prefix` only for a prefix. */
  readonly text: string;
}

/** The widest prefix that can be blocked: a typing error must not block half of the Internet. */
const WIDEST = { 4: 8, 6: 32 };

export const bitsOf = (family: 4 | 6): number => (family === 4 ? 32 : 128);

/** True for one host, false for a prefix of several. */
export const isHost = (address: Address): boolean => address.prefix === bitsOf(address.family);

/**
 * Reads an address or a prefix to block.
 *
 * @throws RiposteError (DATAERR) when the text is neither, for the unspecified address, and for a prefix
 * wider than /8 (IPv4) or /32 (IPv6)
 */
export const parseTarget = (text: string): Address => checkTarget(parseAddress(text), text);

/**
 * Returns an address that may be blocked.
 *
 * @param text for the message
 * @throws RiposteError (DATAERR) as `parseTarget` does
 */
export function checkTarget(address: Address, text = address.text): Address {
  // A host without an address uses 0.0.0.0/8 as its source (RFC 1122): blocking it would break DHCP.
  const isUnspecified =
    address.family === 4 ? address.value >> 24n === 0n : address.value === 0n && isHost(address);
  if (isUnspecified && address.prefix >= WIDEST[address.family]) throw refusal(text, 'is not a host');
  if (address.prefix < WIDEST[address.family])
    throw refusal(text, `is wider than /${WIDEST[address.family]}`);
  return address;
}

/**
 * Reads the address of one host, as an alert or a log line names it.
 *
 * @throws RiposteError (DATAERR) for a prefix of several hosts, and for everything that `parseTarget` refuses
 */
export function parseHost(text: string): Address {
  const address = parseTarget(text);
  if (isHost(address)) return address;
  throw refusal(
    text,
    `is a prefix, but an alert blocks one host; to block the prefix: riposte block ${address.text}`,
  );
}

/**
 * Reads any address or prefix. An IPv4-mapped address (`::ffff:198.51.100.1`) is returned as IPv4.
 *
 * @throws RiposteError (DATAERR) for anything else: a host name, a zone (`%eth0`), white space
 */
export function parseAddress(text: string): Address {
  if (text === '') throw new RiposteError(EX.DATAERR, 'no address was given (by hand: add - ADDRESS)');
  const [host = '', length, ...rest] = text.split('/');
  const family = familyOf(host);
  if (family === undefined || rest.length > 0) throw refusal(text, 'is not an IP address');
  const prefix = length === undefined ? bitsOf(family) : prefixOf(length, family, text);
  const value = family === 4 ? ipv4Value(host) : ipv6Value(host);
  const mapped = family === 6 && value >> 32n === 0xffffn && prefix >= 96;
  return mapped ? makeAddress(4, value & 0xffffffffn, prefix - 96) : makeAddress(family, value, prefix);
}

/** Returns the address in an optional text as a list of one, or an empty list when it is not an address. Ignores a zone. */
export function addressesIn(text: string | undefined, parse = parseAddress): Address[] {
  try {
    return text === undefined ? [] : [parse(text.replace(/%.*/, ''))];
  } catch {
    return [];
  }
}

/** Rewrites the C library's spelling of an address in the canonical one: `::203.0.113.9` is `::cb00:7109`. */
export const canonical = (text: string): string =>
  text.includes(':') && text.includes('.') ? parseAddress(text).text : text;

/** True when the two addresses or prefixes share at least one host. */
export function overlaps(a: Address, b: Address): boolean {
  if (a.family !== b.family) return false;
  const shift = bitsOf(a.family) - Math.min(a.prefix, b.prefix);
  return shift === 0 ? a.value === b.value : a.value >> BigInt(shift) === b.value >> BigInt(shift);
}

/** The netmask of a prefix, as an address: `/24` is `255.255.255.0`. */
export function netmask({ family, prefix }: Address): string {
  return format(family, maskBits(family, prefix));
}

/** The first address of a prefix, without its length. */
export const firstHost = ({ family, value }: Address): string => format(family, value);

/**
 * Uses SocketAddress (the C library's parser) for IPv6, and checks the octets of IPv4 itself: each process would have
 * to compile the regular expressions of node:net's isIPv6 (5 ms) and isIPv4. SocketAddress accepts a zone (`%eth0`),
 * which is not part of an address.
 */
function familyOf(host: string): 4 | 6 | undefined {
  if (!/^[\da-f:.]*$/i.test(host)) return undefined; // refuse a zone, and a NUL, where the C parser stops
  if (!host.includes(':')) return isIPv4(host) ? 4 : undefined;
  try {
    new SocketAddress({ address: host, family: 'ipv6' });
    return 6;
  } catch {
    return undefined;
  }
}

/** True for four decimal numbers without leading zeros. @param host has only hexadecimal digits and dots */
function isIPv4(host: string): boolean {
  const octets = host.split('.');
  return (
    octets.length === 4 && octets.every((octet) => Number(octet) <= 255 && String(Number(octet)) === octet)
  );
}

function makeAddress(family: 4 | 6, value: bigint, prefix: number): Address {
  const isWhole = prefix === bitsOf(family);
  const network = isWhole ? value : value & maskBits(family, prefix);
  const length = isWhole ? '' : `/${prefix}`;
  // An accessor costs more time and memory than the text of IPv4.
  if (family === 4) return { family, value: network, prefix, text: format(family, network) + length };
  let text: string | undefined;
  return {
    family,
    value: network,
    prefix,
    // Computed on demand: most addresses are only compared.
    get text() {
      text ??= format(family, network) + length;
      return text;
    },
  };
}

function maskBits(family: 4 | 6, prefix: number): bigint {
  const bits = BigInt(bitsOf(family));
  return ((1n << BigInt(prefix)) - 1n) << (bits - BigInt(prefix));
}

function prefixOf(length: string, family: 4 | 6, text: string): number {
  if (!/^\d{1,3}$/.test(length) || Number(length) > bitsOf(family))
    throw refusal(text, 'is not an IP prefix');
  return Number(length);
}

function ipv4Value(host: string): bigint {
  let value = 0;
  for (const octet of host.split('.')) value = value * 256 + Number(octet);
  return BigInt(value);
}

function ipv6Value(host: string): bigint {
  const dotted = host.slice(host.lastIndexOf(':') + 1);
  const tail = dotted.includes('.') ? ipv4Value(dotted) : undefined;
  const hex =
    tail === undefined
      ? host
      : host.replace(dotted, `${(tail >> 16n).toString(16)}:${(tail & 0xffffn).toString(16)}`);
  const [head = '', end] = hex.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const before = groups(head);
  const after = end === undefined ? [] : groups(end);
  const zeros = Array<string>(8 - before.length - after.length).fill('0');
  return [...before, ...zeros, ...after].reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}

function format(family: 4 | 6, value: bigint): string {
  if (family === 4) {
    const bits = Number(value);
    return `${bits >>> 24}.${(bits >>> 16) & 255}.${(bits >>> 8) & 255}.${bits & 255}`;
  }
  const groups = Array.from({ length: 8 }, (_, i) =>
    ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16),
  );
  // RFC 5952, 4.2: shorten the longest run of at least two zero groups; of equally long runs, shorten the first.
  const runs = [...groups.join(':').matchAll(/(?<![^:])0(?::0)+(?![^:])/g)];
  const longest = runs.reduce<RegExpExecArray | undefined>(
    (best, run) => (run[0].length > (best?.[0].length ?? 0) ? run : best),
    undefined,
  );
  if (longest === undefined) return groups.join(':');
  const all = groups.join(':');
  const before = all.slice(0, longest.index).replace(/:$/, '');
  return `${before}::${all.slice(longest.index + longest[0].length).replace(/^:/, '')}`;
}

function refusal(text: string, why: string): RiposteError {
  return new RiposteError(EX.DATAERR, `'${printable(text, 80)}' ${why}`);
}
