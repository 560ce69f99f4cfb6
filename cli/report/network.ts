import { parseAddress } from '../../active-response/address.ts';

/** What one party usually has of the network, as a prefix length. */
const WIDTH = { 4: 24, 6: 48 } as const;

/** The network of an address or a prefix: its /24 or /48, or the prefix itself where that is wider. Undefined for neither. */
export function networkOf(text: string): string | undefined {
  // Most are of this form, and parsing takes longer.
  const [, front] = /^(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}$/.exec(text) ?? [];
  if (front !== undefined) return `${front}.0/24`;
  try {
    const { family, prefix, text: written } = parseAddress(text);
    if (prefix <= WIDTH[family]) return written;
    return parseAddress(`${written.replace(/\/.*/, '')}/${WIDTH[family]}`).text;
  } catch {
    return undefined;
  }
}
