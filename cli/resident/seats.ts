import { execFile, execFileSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readIfThere } from '../../active-response/files.ts';

/** How many scripts can wait at the same time; those behind them wait for a seat. Each is a file that this process has open. */
const SEATS = 512;

/** One that nobody will be called at any more, and the process that sat there. */
export type Left = readonly [seat: number, script: number];

/**
 * Where scripts wait: `seats/N`, each a FIFO, and `taken/N`, which the script makes that sits there, with its process
 * number in it. One that was left is not used again: `mkfifo` makes another of its number, and then it is free.
 *
 * This process holds each of them open, so when it ends, however that is, all who wait read the end of their FIFO.
 */
export class Seats {
  readonly #held = new Map<number, number>();
  #left: Left[] = [];
  #isRenewing = false;

  /** @param box the directory that they are in */
  constructor(private readonly box: string) {}

  /** Makes them. @returns how many */
  make(): number {
    this.close();
    for (const part of ['seats', 'taken']) mkdirSync(join(this.box, part), 0o700);
    const seats = Array.from({ length: SEATS }, (_, seat) => seat);
    execFileSync('mkfifo', this.#words(seats), { stdio: 'ignore' });
    this.#hold(seats);
    return SEATS;
  }

  /** Makes those anew that have been left, and those of scripts that have ended without a word. */
  async renew(left: readonly Left[]): Promise<void> {
    this.#left.push(...left);
    if (this.#isRenewing) return;
    this.#isRenewing = true;
    const some = this.#left.splice(0);
    try {
      // Somebody else may sit there since the one who was called had ended.
      const seats = some.filter(([seat, script]) => this.#sitsAt(seat) === script).map(([seat]) => seat);
      await this.#makeAnew([...new Set([...seats, ...this.#abandoned()])]);
    } catch {
      this.#left.push(...some); // no room in memory: at the next time
    } finally {
      this.#isRenewing = false;
    }
  }

  /** Nobody holds them any more: who still waits there goes. */
  close(): void {
    for (const seat of [...this.#held.keys()]) this.#letGo(seat);
    this.#left = [];
  }

  async #makeAnew(seats: readonly number[]): Promise<void> {
    if (seats.length === 0) return;
    for (const seat of seats) {
      rmSync(join(this.box, `seats/${seat}`), { force: true });
      this.#letGo(seat);
    }
    await promisify(execFile)('mkfifo', this.#words(seats));
    this.#hold(seats);
    for (const seat of seats) rmSync(join(this.box, `taken/${seat}`));
  }

  #hold(seats: readonly number[]): void {
    for (const seat of seats) this.#held.set(seat, openSync(join(this.box, `seats/${seat}`), 'r+'));
  }

  #letGo(seat: number): void {
    const fd = this.#held.get(seat);
    if (this.#held.delete(seat) && fd !== undefined) closeSync(fd);
  }

  #words(seats: readonly number[]): string[] {
    return ['-m', '600', ...seats.map((seat) => join(this.box, `seats/${seat}`))];
  }

  /** Undefined while the script is still writing that. */
  #sitsAt(seat: number): number | undefined {
    const text = readIfThere(join(this.box, `taken/${seat}`));
    return text?.endsWith('\n') ? Number(text) : undefined;
  }

  /** The seats of scripts that have ended. */
  #abandoned(): number[] {
    const taken = readdirSync(join(this.box, 'taken')).map(Number);
    return taken.filter((seat) => {
      const script = this.#sitsAt(seat);
      return script !== undefined && !existsSync(`/proc/${script}`);
    });
  }
}
