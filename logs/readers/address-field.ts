import { type Groups, ipv4Number, ipv4Text, ipv6Text, mappedIpv4, readIpv6 } from '../address-numbers.ts';

/** The longest text that is parsed: `"[…]:65535"` with 45 characters of IPv6, and space around it. */
const LONGEST = 80;

const SPACE = 32;
const TAB = 9;
const COLON = 58;
const QUOTE = 34;
const OPEN = 91;

/** A byte order mark, as a character and as the three bytes of a log's line. */
const MARKS = ['\ufeff', '\xef\xbb\xbf'];

const groups: Groups = new Uint16Array(8);

/**
 * Parses the text that a server or a proxy writes in place of a client's address: `203.0.113.7`, `203.0.113.7:5123`,
 * `2001:db8::7`, `[2001:db8::7]`, `[2001:db8::7]:443`. Ignores a pair of quotes, space, and a byte order mark around
 * the address.
 *
 * @returns the address in its canonical form (RFC 5952), an IPv4-mapped address as IPv4; undefined for a name, a
 * prefix, an address with a zone, `-`, and any other text
 */
export function parseAddressField(text: string): string | undefined {
  // Nearly every line of a log has a plain IPv4 address, which is its own canonical form.
  if (ipv4Number(text) >= 0) return text;
  return text.length > LONGEST ? undefined : wrappedAddress(text);
}

function wrappedAddress(text: string): string | undefined {
  let start = text.charCodeAt(0) > 127 ? lengthOfMark(text) : 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (start < end && isSpace(text.charCodeAt(end - 1))) end--;
  if (end - start > 1 && text.charCodeAt(start) === QUOTE && text.charCodeAt(end - 1) === QUOTE) {
    start++;
    end--;
  }
  return text.charCodeAt(start) === OPEN ? inBrackets(text, start, end) : bareAddress(text, start, end);
}

const lengthOfMark = (text: string): number => MARKS.find((mark) => text.startsWith(mark))?.length ?? 0;

const isSpace = (code: number): boolean => code === SPACE || code === TAB;

function inBrackets(text: string, start: number, end: number): string | undefined {
  const close = text.indexOf(']', start);
  if (close < 0 || close >= end) return undefined;
  const isPortOrNothing = close + 1 === end || isPort(text, close + 1, end);
  return isPortOrNothing ? ipv6In(text, start + 1, close) : undefined;
}

/** An IPv4 address has one colon, before its port; an IPv6 address has several, and no port without brackets. */
function bareAddress(text: string, start: number, end: number): string | undefined {
  const colon = text.indexOf(':', start);
  if (colon < 0 || colon >= end) return ipv4In(text, start, end);
  const another = text.indexOf(':', colon + 1);
  if (another >= 0 && another < end) return ipv6In(text, start, end);
  return isPort(text, colon, end) ? ipv4In(text, start, colon) : undefined;
}

/** True for a colon and a number up to 65535. */
function isPort(text: string, start: number, end: number): boolean {
  if (text.charCodeAt(start) !== COLON || end - start < 2 || end - start > 6) return false;
  let port = 0;
  for (let at = start + 1; at < end; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return false;
    port = port * 10 + digit;
  }
  return port <= 65_535;
}

function ipv4In(text: string, start: number, end: number): string | undefined {
  return ipv4Number(text, start, end) < 0 ? undefined : text.slice(start, end);
}

function ipv6In(text: string, start: number, end: number): string | undefined {
  if (!readIpv6(text, start, end, groups)) return undefined;
  const mapped = mappedIpv4(groups);
  return mapped < 0 ? ipv6Text(groups) : ipv4Text(mapped);
}
