import type { Address } from '../../base/address.ts';

const LONGEST_NAME = 253;
const LABELS = /^[a-z\d_-]{1,63}(?:\.[a-z\d_-]{1,63})+$/;

/**
 * Returns the host name in an answer of DNS, in lower case and without the final dot. The owner of an address chooses
 * its name, so the answer may be anything.
 *
 * @returns undefined for a name that no host has, such as a name with other bytes
 */
export function hostName(text: string): string | undefined {
  const name = text.toLowerCase().replace(/\.$/, '');
  return name.length <= LONGEST_NAME && LABELS.test(name) ? name : undefined;
}

/** True if a host name is in a domain, label by label: `evilgooglebot.com` is not in `googlebot.com`. */
export const isInDomain = (name: string, domain: string): boolean =>
  name === domain || name.endsWith(`.${domain}`);

/** The name under which DNS has the host names of an address: `7.113.0.203.in-addr.arpa`. */
export function reverseName({ family, value }: Address): string {
  if (family === 4)
    return [0n, 8n, 16n, 24n]
      .map((shift) => `${(value >> shift) & 0xffn}.`)
      .join('')
      .concat('in-addr.arpa');
  const digits = value.toString(16).padStart(32, '0');
  return `${[...digits].reverse().join('.')}.ip6.arpa`;
}
