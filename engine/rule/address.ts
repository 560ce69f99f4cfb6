import { BlockList, isIPv4, isIPv6 } from 'node:net';

/**
 * A test for the addresses of a rule's `<srcip>` or `<dstip>` elements: single addresses, prefixes (`10.0.0.0/8`),
 * `any`, each optionally negated by `!`. The first entry that contains the address decides. If no entry contains the
 * address, the result is true when the last entry is negated.
 *
 * @throws Error for a text that is not an address
 */
export function addressTest(texts: string[]): (address: string) => boolean {
  const entries = texts.map(toEntry);
  return (address) => {
    const plain = address.startsWith('::ffff:') && isIPv4(address.slice(7)) ? address.slice(7) : address;
    const family = isIPv4(plain) ? 'ipv4' : isIPv6(plain) ? 'ipv6' : undefined;
    if (!family) return false;
    let isNegated = false;
    for (const entry of entries) {
      isNegated = entry.isNegated;
      if (!entry.list || entry.list.check(plain, family)) return !isNegated;
    }
    return isNegated;
  };
}

/** An entry of `<srcip>` or `<dstip>`. An entry without a list contains every address. */
interface Entry {
  isNegated: boolean;
  list: BlockList | undefined;
}

function toEntry(text: string): Entry {
  const isNegated = text.startsWith('!');
  const plain = isNegated ? text.slice(1) : text;
  if (plain === 'any') return { isNegated, list: undefined };
  const [address = '', prefix] = plain.split('/');
  const family = isIPv4(address) ? 'ipv4' : isIPv6(address) ? 'ipv6' : undefined;
  const longest = family === 'ipv4' ? 32 : 128;
  const length = prefix === undefined ? longest : Number.parseInt(prefix, 10);
  if (!family || !(length >= 0 && length <= longest)) throw new Error(`'${text}' is not an address`);
  if (length === 0) return { isNegated, list: undefined };
  const list = new BlockList();
  list.addSubnet(address, length, family);
  return { isNegated, list };
}
