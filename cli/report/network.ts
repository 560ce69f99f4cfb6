import { parseAddress } from '../../active-response/address.ts';

/** What one party usually has of the network, as a prefix length. */
const WIDTH = { 4: 24, 6: 48 } as const;
/** An address as the journal has it: its first three octets, or its first three groups, or two before a `::`. */
const USUAL =
  /^(?:(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}|([1-9a-f][\da-f]{0,3}:[\da-f]{1,4}(?::(?=:)|:[\da-f]{1,4}:))[\da-f:]*)$/;

/** The network of an address or a prefix: its /24 or /48, or the prefix itself where that is wider. Undefined for neither. */
export function networkOf(text: string): string | undefined {
  // Most are of this form, and parsing takes far longer.
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
