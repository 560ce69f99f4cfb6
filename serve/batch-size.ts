/** The most blocks in a batch. */
const MOST = 500;

/** The fewest blocks to which slow batches are limited: each batch has a cost of its own. */
const FEWEST = 200;

/** The time that a batch should take at most, in milliseconds: a severe block that has just come waits for its end. */
const LONGEST = 300;

/** The size of the next batch. It follows the time of the batches before, which depends on disk, backend and load. */
export class BatchSize {
  #most = MOST;

  get most(): number {
    return this.#most;
  }

  /** Notes the time that a batch of this size took, in milliseconds. */
  took(size: number, milliseconds: number): void {
    // A small batch that was quick tells nothing about a large one.
    if (size < this.#most && milliseconds <= LONGEST) return;
    const fitting = Math.floor((size * LONGEST) / Math.max(1, milliseconds));
    this.#most = Math.min(MOST, Math.max(FEWEST, fitting));
  }
}
