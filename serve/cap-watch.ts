import type { ResponseContext } from '../active-response/request-context.ts';
import { counted } from '../base/counted.ts';
import { type Capped, enforceCap } from './scan/block-cap.ts';

/** The shortest time between two messages, in milliseconds. */
const MINUTE = 60_000;

/**
 * Keeps the number of blocks that Riposte itself has decided within MAX_BLOCKS, and reports at most once a minute that
 * blocks ended early.
 */
export class CapWatch {
  /** An upper limit for the number of these blocks. A renewed block counts twice until the next sweep. */
  #count = 0;
  #addedMeanwhile = 0;
  /** The number of blocks that ended early since the start, and how many of these are not reported yet. */
  #ended = 0;
  #unsaid = 0;
  #saidAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly say: (text: string) => void) {}

  get capped(): Capped {
    return { count: this.#count, ended: this.#ended };
  }

  /** Call this when a sweep begins to count. */
  countsAnew(): void {
    this.#addedMeanwhile = 0;
  }

  /** Takes the number of these blocks that the sweep has found. */
  found(count: number): void {
    this.#count = count + this.#addedMeanwhile;
  }

  /** Call this after each batch and each sweep. @param added the number of blocks that the batch has made */
  enforce(context: ResponseContext, most: number, added: number): void {
    this.#count += added;
    this.#addedMeanwhile += added;
    if (this.#count > most) {
      const { count, ended } = enforceCap(context, most, this.say);
      this.#count = count;
      this.#ended += ended;
      this.#unsaid += ended;
    }
    this.#sayEnded(most);
  }

  #sayEnded(most: number): void {
    const now = performance.now();
    if (this.#unsaid === 0 || now - this.#saidAt < MINUTE) return;
    this.say(
      `Riposte's own blocks exceeded MAX_BLOCKS=${most}: Riposte ended ${counted(this.#unsaid, 'block')} early, the least severe first`,
    );
    this.#unsaid = 0;
    this.#saidAt = now;
  }
}
