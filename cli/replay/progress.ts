import type { Io } from '../../base/io.ts';
import type { OpenLog } from '../../logs/files/open-log.ts';
import { PATIENCE } from '../elapsed.ts';

const WIDTH = 30;
/** Milliseconds between two updates. */
const PAUSE = 200;

/** A progress bar on standard error, if that is a terminal and the work takes longer than two seconds. */
export class Progress {
  /** The first bar appears when the work takes longer than a person expects. */
  private drawnAt = Date.now() + PATIENCE - PAUSE;
  private isDrawn = false;

  constructor(private readonly io: Io) {}

  show(log: OpenLog, lines: number): void {
    if (!this.io.isTerminal || Date.now() - this.drawnAt < PAUSE) return;
    this.drawnAt = Date.now();
    this.isDrawn = true;
    const share = log.size ? Math.min(1, log.read() / log.size) : undefined;
    const bar =
      share === undefined
        ? ''
        : `[${'#'.repeat(Math.round(share * WIDTH)).padEnd(WIDTH)}] ${Math.floor(share * 100)} % `;
    this.io.err(`\r${bar}${lines.toLocaleString('en')} lines of ${log.name}\x1b[K`);
  }

  clear(): void {
    if (this.isDrawn) this.io.err('\r\x1b[K');
    this.isDrawn = false;
  }
}
