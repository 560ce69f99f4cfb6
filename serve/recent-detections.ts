import { keepNewest } from '../base/keep-newest.ts';

/** The time for which further detections of an address are ignored, in milliseconds. */
const PAUSE = 60_000;
/** The most addresses that are remembered; the oldest is forgotten first. */
const MOST = 100_000;

interface Recent {
  readonly time: number;
  readonly severity: number;
  /** The address or network whose block is in place. */
  blocked: string | undefined;
}

/**
 * The addresses with a recent detection. A scan raises many alerts before the block is in place; handling each alert
 * would only renew the same block. A severer alert is handled at once, because its block lasts longer. If an operator
 * has ended the block, the next alert is handled at once, too.
 */
export class RecentDetections {
  readonly #last = new Map<string, Recent>();

  /**
   * @param isStillBlocked returns true while the block of an address exists
   * @param clock milliseconds of a monotonic clock
   */
  constructor(
    private readonly isStillBlocked: (address: string) => boolean,
    private readonly clock = () => performance.now(),
  ) {}

  /**
   * Returns true when this alert must be handled, and then remembers it as the recent alert of the address.
   *
   * @param network the network that may be blocked instead of the address
   */
  isNew(address: string, severity: number, network = address): boolean {
    if (this.#isRecent(address, severity)) return false;
    if (network !== address && this.#isRecent(network, severity)) return false;
    this.#remember(address, { time: this.clock(), severity, blocked: undefined });
    return true;
  }

  /** Records that the block is in place. @param target the address, or its network if the network is blocked */
  blocked(address: string, target = address): void {
    const last = this.#last.get(address);
    if (!last) return;
    last.blocked = target;
    if (target !== address) this.#remember(target, last);
  }

  /** Records that the block has failed, so that the next alert is handled. */
  forget(address: string): void {
    this.#last.delete(address);
  }

  #isRecent(target: string, severity: number): boolean {
    const before = this.#last.get(target);
    if (!before || this.clock() - before.time >= PAUSE || severity > before.severity) return false;
    return before.blocked === undefined || this.isStillBlocked(before.blocked);
  }

  #remember(target: string, recent: Recent): void {
    this.#last.delete(target);
    this.#last.set(target, recent);
    keepNewest(this.#last, MOST);
  }
}
