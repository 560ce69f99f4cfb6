import { printable } from './printable.ts';

/** The country and the network of an address, as far as a database knows them. */
export interface Place {
  /** ISO 3166: `NL`. */
  readonly country?: string;
  /** The number of the autonomous system, and its organization. */
  readonly asn?: number;
  readonly organization?: string;
}

/** `AS64500 Example`; undefined if neither is known. */
export function networkName({ asn, organization }: Place): string | undefined {
  const parts = [asn === undefined ? [] : `AS${asn}`, organization ?? []].flat();
  return parts.length === 0 ? undefined : printable(parts.join(' '), 40);
}
