import { appendLine } from '../../active-response/files.ts';
import { alertLine } from './alert-line.ts';
import type { Found } from './judge.ts';
import type { Troubles } from './troubles.ts';

/** How many alerts wait while they cannot be written; the oldest is given up first. */
const MOST = 10_000;

/** The file of alerts that a manager reads. What cannot be written, as the disk is full, waits. */
export class AlertsFile {
  #waiting: { readonly found: Found; readonly line: string }[] = [];
  #isBroken = false;

  /** @param onDone told of each alert that is written, or given up */
  constructor(
    private readonly file: string,
    private readonly troubles: Troubles,
    private readonly onDone: (found: Found) => void,
  ) {}

  write(found: Found): void {
    const line = alertLine(found);
    if (line === undefined) {
      this.onDone(found); // no address that anybody could block
      return;
    }
    this.#waiting.push({ found, line });
    if (this.#waiting.length > MOST) this.#giveUpOldest();
    if (!this.#isBroken) this.flush();
  }

  /** Writes what waits; to be called now and then. */
  flush(): void {
    const [...waiting] = this.#waiting;
    if (waiting.length === 0) return;
    try {
      const text = waiting.map(({ line }) => line).join('\n');
      // A part of the text may be there; it must not become one line with the next.
      appendLine(this.file, this.#isBroken ? `\n${text}` : text, 0o640);
    } catch (error) {
      this.#isBroken = true;
      this.troubles.begin(this.file, `${(error as Error).message}; alerts wait`);
      return;
    }
    this.#isBroken = false;
    this.#waiting = [];
    this.troubles.end(this.file);
    for (const { found } of waiting) this.onDone(found);
  }

  #giveUpOldest(): void {
    const oldest = this.#waiting.shift();
    this.troubles.begin(
      'too many alerts',
      `more than ${MOST} wait for ${this.file}; the oldest are given up`,
    );
    if (oldest) this.onDone(oldest.found);
  }
}
