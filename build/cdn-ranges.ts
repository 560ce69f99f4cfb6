import { proxies } from '../active-response/settings/values.ts';
import { parseAddress } from '../base/address.ts';
import type { CdnList } from '../logs/proxies/cdn-lists.ts';

/** Extracts the prefixes of a list as its operator publishes it. @throws Error when it has another form */
export type ReadList = (text: string) => string[];

/** One prefix a line, as Cloudflare publishes them. */
const prefixesOfLines: ReadList = (text) => text.split(/\s+/).filter((line) => line !== '');

/** Fastly: `{"addresses":[…],"ipv6_addresses":[…]}`. */
const prefixesOfFastly: ReadList = (text) => {
  const { addresses, ipv6_addresses } = JSON.parse(text);
  return [...addresses, ...ipv6_addresses];
};

/**
 * Amazon: only the ranges from which CloudFront contacts its customers' servers. The ranges of CLOUDFRONT also include
 * the addresses that visitors contact.
 */
const prefixesOfAmazon: ReadList = (text) => {
  const { prefixes, ipv6_prefixes } = JSON.parse(text);
  return [...prefixes, ...ipv6_prefixes]
    .filter(({ service }) => service === 'CLOUDFRONT_ORIGIN_FACING')
    .map(({ ip_prefix, ipv6_prefix }) => ip_prefix ?? ipv6_prefix);
};

/** Readers by the name of the list. */
export const READERS: Readonly<Record<string, ReadList>> = {
  cloudflare: prefixesOfLines,
  fastly: prefixesOfFastly,
  cloudfront: prefixesOfAmazon,
};

/** The largest share of prefixes that a renewed list may lose. */
const MOST_LOST = 0.5;

/**
 * The present list of an operator, sorted and without duplicates.
 *
 * @param today `YYYY-MM-DD`
 * @throws Error for an item that is not a prefix, or is wider than TRUSTED_PROXIES allows, and when more than half of
 * the prefixes of one family are missing: the answer is then an error page, or has another form
 */
export function renewed(before: CdnList, published: readonly unknown[], today: string): CdnList {
  const prefixes = published.map((item) => {
    if (typeof item !== 'string' || !item.includes('/') || proxies(item)?.length !== 1)
      throw new Error(`${JSON.stringify(item)} is not a prefix, or is too wide`);
    return parseAddress(item);
  });
  const order = prefixes.sort(
    (a, b) => a.family - b.family || compare(a.value, b.value) || a.prefix - b.prefix,
  );
  const texts = [...new Set(order.map(({ text }) => text))];
  for (const isOfFamily of [isIpv4, isIpv6]) {
    const old = before.prefixes.filter(isOfFamily).length;
    const now = texts.filter(isOfFamily).length;
    if (now < old * MOST_LOST) throw new Error(`only ${now} of ${old} prefixes are left`);
  }
  return { ...before, date: today, prefixes: texts };
}

/** The text of a list's file, in the form that the linter demands. */
export function textOf({ date, source, prefixes }: CdnList): string {
  return `{
  "date": "${date}",
  "source": [${quoted(source).join(', ')}],
  "prefixes": [
    ${quoted(prefixes).join(',\n    ')}
  ]
}
`;
}

const quoted = (texts: readonly string[]): string[] => texts.map((text) => JSON.stringify(text));

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
const isIpv6 = (prefix: string): boolean => prefix.includes(':');
const isIpv4 = (prefix: string): boolean => !isIpv6(prefix);
