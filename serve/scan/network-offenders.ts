import type { Block } from '../../active-response/ledger.ts';
import { parseAddress } from '../../base/address.ts';
import { utf8 } from '../../base/bytes.ts';
import { attempt, RiposteError } from '../../base/errors.ts';
import { keepNewest } from '../../base/keep-newest.ts';
import type { Detection } from '../../evaluate/detection.ts';
import type { SourceGuard } from '../../evaluate/source-guard.ts';
import { sourceNetwork } from '../../logs/source-network.ts';

/** The prefix lengths of networks that are blocked as a whole: one customer can easily get so many addresses. */
const PREFIX = { ipv4: 24, ipv6: 48 } as const;

/** How long a source counts whose block is not in place yet, in milliseconds. */
const PENDING = 60_000;

/** The maximum number of remembered networks. Drops the one that was noted first. */
const MOST = 100_000;

/**
 * Counts the blocked sources of each /24 of IPv4 and /48 of IPv6. From NETWORK_AFTER sources on, the network is blocked
 * instead of the next source.
 */
export class NetworkOffenders {
  /** When the block of each source ends, in milliseconds since 1970, by network. */
  readonly #ends = new Map<string, Map<string, number>>();

  /** @param after NETWORK_AFTER; 0 for never @param blocks the blocks so far */
  constructor(
    private readonly after: number,
    private readonly guard: SourceGuard,
    blocks: () => Iterable<Block>,
  ) {
    if (after > 0) for (const { address, until } of blocks()) this.blocked(address, until);
  }

  /** Notes a block. @param address as in the ledger @param until ISO 8601; null for a block without an end */
  blocked(address: string, until: string | null): void {
    const network = this.after > 0 ? networkOf(address) : undefined;
    const end = until === null ? Number.POSITIVE_INFINITY : Date.parse(until);
    if (network !== undefined) this.#endsIn(network).set(this.guard.networkOf(address), end);
  }

  /**
   * Chooses the length of the prefix that is blocked for a detection, if it differs from its source's own. Does not block
   * networks that contain other kinds of sources: the proxies of a CDN, a source that many share, an address of a login.
   *
   * @param now milliseconds since 1970
   */
  prefixFor({ address, time }: Pick<Detection, 'address' | 'time'>, now = Date.now()): number | undefined {
    const source = this.guard.networkOf(utf8(address));
    const network = this.after > 0 ? networkOf(source) : undefined;
    if (network === undefined) return undefined;
    const ends = this.#endsIn(network);
    for (const [each, end] of ends) if (end <= now) ends.delete(each);
    if (!ends.has(source)) ends.set(source, now + PENDING);
    if (ends.size < this.after) return undefined;
    const parsed = parseAddress(network);
    return this.guard.holdsIn(parsed, time) ? undefined : parsed.prefix;
  }

  #endsIn(network: string): Map<string, number> {
    const known = this.#ends.get(network);
    if (known) return known;
    const ends = new Map<string, number>();
    this.#ends.set(network, ends);
    keepNewest(this.#ends, MOST);
    return ends;
  }
}

/** The network of a source, which may be a network itself; undefined for a text that is none, or a wider network. */
function networkOf(source: string): string | undefined {
  const address = attempt(() => parseAddress(source));
  if (address instanceof RiposteError) return undefined;
  const length = address.family === 4 ? PREFIX.ipv4 : PREFIX.ipv6;
  if (address.prefix <= length) return undefined;
  const [host = ''] = address.text.split('/');
  if (address.family === 6) return sourceNetwork(host, length);
  return `${host.slice(0, host.lastIndexOf('.'))}.0/${length}`;
}
