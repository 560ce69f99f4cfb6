import { appendLine } from '../base/files.ts';
import type { Detection } from '../evaluate/detection.ts';
import { alertLine } from './alert-line.ts';
import type { ConditionLog } from './condition-log.ts';

/** The most alerts that wait while the file cannot be written. If more alerts wait, the oldest is dropped. */
const MOST = 10_000;

/** The file of alerts that a manager reads. If it cannot be written, for example on a full disk, alerts wait in memory. */
export class AlertsFile {
  #waiting: { readonly detection: Detection; readonly line: string }[] = [];
  #isBroken = false;

  /** @param onDone called with each detection whose alert is written or dropped */
  constructor(
    private readonly file: string,
    private readonly conditions: ConditionLog,
    private readonly onDone: (detection: Detection) => void,
  ) {}

  write(detection: Detection): void {
    const line = alertLine(detection);
    if (line === undefined) {
      this.onDone(detection); // its source is not an address
      return;
    }
    this.#waiting.push({ detection, line });
    if (this.#waiting.length > MOST) this.#dropOldest();
    if (!this.#isBroken) this.flush();
  }

  /** Writes the waiting alerts. Call it periodically. */
  flush(): void {
    const [...waiting] = this.#waiting;
    if (waiting.length === 0) return;
    try {
      const text = waiting.map(({ line }) => line).join('\n');
      // After a failure, the file may end in a partial line, so begin a new line.
      appendLine(this.file, this.#isBroken ? `\n${text}` : text, 0o640);
    } catch (error) {
      this.#isBroken = true;
      this.conditions.begin(
        this.file,
        `${(error as Error).message}; alerts wait until Riposte can write to that file`,
      );
      return;
    }
    this.#isBroken = false;
    this.#waiting = [];
    this.conditions.end(this.file);
    for (const { detection } of waiting) this.onDone(detection);
  }

  #dropOldest(): void {
    const oldest = this.#waiting.shift();
    this.conditions.begin(
      'too many alerts',
      `more than ${MOST} alerts wait for ${this.file}; Riposte drops the oldest of these alerts`,
    );
    if (oldest) this.onDone(oldest.detection);
  }
}
