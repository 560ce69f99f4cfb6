import { isIP } from 'node:net';
import { hostname } from 'node:os';

/** Matches words that have a dot or a colon, and only characters that an address can have. */
const CANDIDATE = /(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-f]*:[\da-f:.]+)(?![\w:])/gi;
const MAIL = /[\w.+-]+@[a-z\d][a-z\d.-]*/gi;

/**
 * Replaces addresses, mail addresses and this host's name. The same address gets the same replacement, so that a reader
 * still sees which lines are about the same address.
 */
export function anonymous(text: string, host = hostname()): string {
  const known = new Map<string, string>();
  const replace = (found: string, make: (number: number) => string) => {
    const other = known.get(found.toLowerCase()) ?? make(known.size + 1);
    known.set(found.toLowerCase(), other);
    return other;
  };
  const withoutMail = text.replace(MAIL, (found) => replace(found, (number) => `mail-${number}@example.org`));
  const withoutAddresses = withoutMail.replace(CANDIDATE, (found) => {
    const family = isIP(found);
    if (family === 0) return found;
    return replace(found, (number) => (family === 4 ? `ipv4-${number}` : `ipv6-${number}`));
  });
  return host === '' ? withoutAddresses : withoutAddresses.replaceAll(host, 'this-host');
}
