/** How long an address that was answered is left alone, in milliseconds. */
const PAUSE = 60_000;
/** How many addresses are remembered; the one that was answered first is forgotten first. */
const MOST = 100_000;

/**
 * Whom an answer was given lately. A scan raises many alerts before the block is in place; to answer each would
 * only renew the same block. A severer alert is answered at once, as its block lasts longer; and so is one whose
 * block somebody has ended meanwhile.
 */
export class Answered {
  readonly #last = new Map<string, { time: number; level: number; isBlocked: boolean }>();

  /**
   * @param isStillBlocked asked about who was blocked, when he raises another alert
   * @param clock milliseconds; not the wall's, which may be set
   */
  constructor(
    private readonly isStillBlocked: (address: string) => boolean,
    private readonly clock = () => performance.now(),
  ) {}

  /** True when this alert is to be answered; then it counts as answered. */
  isNew(address: string, level: number): boolean {
    const now = this.clock();
    const before = this.#last.get(address);
    if (before && now - before.time < PAUSE && level <= before.level) {
      if (!before.isBlocked || this.isStillBlocked(address)) return false;
    }
    this.#last.delete(address);
    this.#last.set(address, { time: now, level, isBlocked: false });
    const [oldest] = this.#last.keys();
    if (this.#last.size > MOST && oldest !== undefined) this.#last.delete(oldest);
    return true;
  }

  /** The block is in place. */
  blocked(address: string): void {
    const last = this.#last.get(address);
    if (last) last.isBlocked = true;
  }

  /** The next alert is to be answered again: the answer has failed. */
  forget(address: string): void {
    this.#last.delete(address);
  }
}
