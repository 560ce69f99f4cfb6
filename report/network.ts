import { parseAddress } from '../base/address.ts';

/** The usual prefix length of one party's network. */
const WIDTH = { 4: 24, 6: 48 } as const;
/** Matches an address in the journal's form, and captures its first three octets, or its first three groups, or two before `::`. */
const USUAL =
  /^(?:(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}|([1-9a-f][\da-f]{0,3}:[\da-f]{1,4}(?::(?=:)|:[\da-f]{1,4}:))[\da-f:]*)$/;

/** The /24 or /48 of an address or prefix, or the prefix itself if it is wider; undefined for any other text. */
export function networkOf(text: string): string | undefined {
  // Nearly all addresses match this expression, and parsing would take far longer.
  const [, v4, v6] = USUAL.exec(text) ?? [];
  if (v4 !== undefined) return `${v4}.0/24`;
  if (v6 !== undefined) return `${v6.replace(/(?::0)*:$/, '')}::/48`;
  try {
    const { family, prefix, text: written } = parseAddress(text);
    if (prefix <= WIDTH[family]) return written;
    return parseAddress(`${written.replace(/\/.*/, '')}/${WIDTH[family]}`).text;
  } catch {
    return undefined;
  }
}
