/** The most blocks in a batch. */
const MOST = 500;

/** Slow batches are not limited to fewer blocks than this, because each batch has a fixed cost. */
const FEWEST = 200;

/**
 * The longest time that a batch should take, in milliseconds. A new severe block must wait for the end of the batch.
 */
const LONGEST = 300;

/** The largest size of a small batch, and the smallest size of a large batch. Their times are compared. */
const [SMALL, LARGE] = [150, 300];

/** A batch with fewer blocks tells nothing about the cost of a block. */
const TELLING = 100;

/**
 * The size of the next batch. It depends on the time that earlier batches took, because that time varies with disk,
 * backend and load.
 */
export class BatchSize {
  #most = MOST;
  /** The times of the last small and the last large batch, in milliseconds. */
  #small: number | undefined;
  #large: number | undefined;

  get most(): number {
    return this.isSizeDear ? this.#most : MOST;
  }

  /**
   * True if a small batch takes clearly less time than a large one. A web server that is reloaded at most every two
   * seconds takes that time for any batch.
   */
  get isSizeDear(): boolean {
    return this.#small === undefined || this.#large === undefined || this.#large > 1.5 * this.#small;
  }

  /** Notes the time that a batch of this size took, in milliseconds. */
  took(size: number, milliseconds: number): void {
    if (size <= SMALL) this.#small = milliseconds;
    if (size >= LARGE) this.#large = milliseconds;
    if (size < TELLING) return;
    const fitting = Math.floor((size * LONGEST) / Math.max(1, milliseconds));
    this.#most = Math.min(MOST, Math.max(FEWEST, fitting));
  }
}
