import type { Home } from '../../active-response/home.ts';
import { type Block, readBlock, readLedger } from '../../active-response/ledger.ts';
import { parseAddress } from '../../base/address.ts';
import { utf8 } from '../../base/bytes.ts';
import { attempt, RiposteError } from '../../base/errors.ts';
import { keepNewest } from '../../base/keep-newest.ts';
import type { Detection } from '../../evaluate/detection.ts';
import type { SourceGuard } from '../../evaluate/source-guard.ts';
import { sourceNetwork } from '../../logs/source-network.ts';
import { isOwnFinding } from './block-cap.ts';

/**
 * The prefix lengths of networks that are blocked as a whole, because one customer can easily get that many addresses.
 */
const PREFIX = { ipv4: 24, ipv6: 48 } as const;

/** The maximum number of remembered networks. If there are more, the oldest is forgotten. */
const MOST = 100_000;

/** The ledger of a response. */
export interface OffendersLedger {
  /** All blocks. Called only once. */
  all(): Iterable<Block>;
  /** The current block of an address or a network. */
  of(address: string): Block | undefined;
}

/** The ledger of a response in a home. */
export const offendersLedger = (home: Home, response: string): OffendersLedger => ({
  all: () => readLedger(home, response).blocks,
  of: (address) => readBlock(home, response, address),
});

/** A blocked source of a network. */
interface Blocked {
  /** The address or the network that is blocked, as in the ledger. */
  readonly address: string;
  /** The end of the block, in milliseconds since 1970. */
  readonly end: number;
}

/**
 * Counts the blocked sources of each /24 of IPv4 and /48 of IPv6. When NETWORK_AFTER - 1 sources are blocked, the
 * network is blocked instead of the next source. Counts only blocks that are in force and that Riposte has decided from
 * a log. Does not count reports of the hook, because a visitor may have chosen the source in a report. Does not count
 * blocks that are only requested, because a requested block may be refused.
 */
export class NetworkOffenders {
  /** The blocked sources, by network. */
  readonly #blocked = new Map<string, Map<string, Blocked>>();
  /** The end of the block of a whole network, in milliseconds since 1970. */
  readonly #whole = new Map<string, number>();

  /** @param after NETWORK_AFTER; 0 for never */
  constructor(
    private readonly after: number,
    private readonly guard: SourceGuard,
    private readonly ledger: OffendersLedger,
  ) {
    if (after > 0) for (const block of ledger.all()) if (isOwnFinding(block)) this.blocked(block);
  }

  /** Notes a block that Riposte has decided from a log. `until` is ISO 8601; null for a block without an end. */
  blocked({ address, until }: Pick<Block, 'address' | 'until'>): void {
    if (this.after === 0) return;
    const end = until === null ? Number.POSITIVE_INFINITY : Date.parse(until);
    const network = networkOf(address);
    if (network !== undefined) {
      const sources = this.#blocked.get(network) ?? new Map<string, Blocked>();
      sources.set(this.guard.networkOf(address), { address, end });
      this.#blocked.set(network, sources);
      keepNewest(this.#blocked, MOST);
    } else if (address.includes('/')) {
      this.#whole.set(address, end);
      keepNewest(this.#whole, MOST);
    }
  }

  /**
   * Chooses the prefix length of the network to block instead of a detection's source; undefined to block only the
   * source. Never chooses a network that contains proxies of a CDN, a source that many clients share, or the address of
   * a login.
   *
   * @param now milliseconds since 1970
   */
  prefixFor(detection: Pick<Detection, 'address' | 'time'>, now = Date.now()): number | undefined {
    const network = this.#networkOf(detection);
    if (network === undefined || this.#placesIn(network, detection, now) > 0) return undefined;
    return parseAddress(network).prefix;
  }

  /**
   * Splits detections into two parts. If a network may be blocked as a whole, the first part blocks its sources until
   * NETWORK_AFTER - 1 of them are blocked. The network's other detections come into the later part, because they depend
   * on the blocks of the first part.
   */
  split<T extends Pick<Detection, 'address' | 'time'>>(
    detections: readonly T[],
    now = Date.now(),
  ): [first: T[], later: T[]] {
    const places = new Map<string, number>();
    const parts: [T[], T[]] = [[], []];
    for (const detection of detections) {
      const network = this.#networkOf(detection);
      const left = network && (places.get(network) ?? this.#placesIn(network, detection, now));
      // If enough sources of a network are blocked before the split, its detections stay in the first part, and block
      // the network.
      const isLater = network !== undefined && places.has(network) && left === 0;
      if (network !== undefined && left) places.set(network, left - 1);
      parts[isLater ? 1 : 0].push(detection);
    }
    return parts;
  }

  #networkOf({ address }: Pick<Detection, 'address'>): string | undefined {
    return this.after > 0 ? networkOf(this.guard.networkOf(utf8(address))) : undefined;
  }

  /**
   * The number of further sources that are blocked one by one before the network is blocked as a whole; infinite for a
   * network that is never blocked as a whole.
   */
  #placesIn(network: string, { address, time }: Pick<Detection, 'address' | 'time'>, now: number): number {
    const parsed = parseAddress(network);
    if (this.guard.holdsIn(parsed, time)) return Number.POSITIVE_INFINITY;
    if ((this.#whole.get(network) ?? 0) > now && this.#isInForce(network)) return 0;
    const sources = this.#blocked.get(network) ?? new Map<string, Blocked>();
    for (const [source, { end }] of sources) if (end <= now) sources.delete(source);
    const isFull = () => this.#others(sources, address) + 1 >= this.after;
    // An operator may have unblocked some sources, or taken over their blocks.
    if (isFull())
      for (const [source, { address: blocked }] of sources)
        if (!this.#isInForce(blocked)) sources.delete(source);
    return Math.max(0, this.after - 1 - this.#others(sources, address));
  }

  #others(sources: ReadonlyMap<string, Blocked>, address: string): number {
    return sources.size - (sources.has(this.guard.networkOf(utf8(address))) ? 1 : 0);
  }

  #isInForce(address: string): boolean {
    const block = attempt(() => this.ledger.of(address));
    return block !== undefined && !(block instanceof RiposteError) && isOwnFinding(block);
  }
}

/**
 * The network that contains a source. A source is an address or a small network. Undefined if the source is neither, or
 * is a network of the prefix length of PREFIX or wider.
 */
function networkOf(source: string): string | undefined {
  const address = attempt(() => parseAddress(source));
  if (address instanceof RiposteError) return undefined;
  const length = address.family === 4 ? PREFIX.ipv4 : PREFIX.ipv6;
  if (address.prefix <= length) return undefined;
  const [host = ''] = address.text.split('/');
  if (address.family === 6) return sourceNetwork(host, length);
  return `${host.slice(0, host.lastIndexOf('.'))}.0/${length}`;
}
