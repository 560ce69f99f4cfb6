import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileError, readIfThere } from '../../active-response/files.ts';

/**
 * How many scripts can wait at the same time; those behind them wait for a seat. Each is a pipe that this process has
 * open, and below a thousand: of a user without privileges, as root in a container is, the kernel makes more of them small.
 */
export const SEATS = 900;
/** So many that were left are made anew in one go: mkfifo is a process. */
const RENEWED = 64;

/** How long mkfifo may take, in milliseconds: meanwhile nobody is answered. */
const PATIENCE = 10_000;
const HOLD = constants.O_RDWR | constants.O_NONBLOCK;
/** How long a script may take to write its number, in milliseconds: killed before, or with no room for it, it never will. */
const WRITING = 5_000;

/**
 * Where scripts wait: `seats/N`, each a FIFO, and `taken/N`, which the script makes that sits there, with its process
 * number in it. One that was left is not used again: `mkfifo` makes another of its number, and then it is free.
 *
 * This process holds each of them open, so when it ends, however that is, all who wait read the end of their FIFO.
 */
export class Seats {
  readonly #held = new Map<number, number>();
  /** Those that nobody will be called at any more. */
  readonly #left = new Set<number>();

  /** @param box the directory that they are in */
  constructor(private readonly box: string) {}

  /** Makes them. @returns how many @throws RiposteError (IOERR, NOPERM) */
  make(): number {
    try {
      for (const part of ['seats', 'taken']) mkdirSync(join(this.box, part), 0o700);
      const count = Math.min(SEATS, room());
      this.#makeAll(Array.from({ length: count }, (_, seat) => seat));
      return count;
    } catch (error) {
      this.close();
      throw fileError('make', join(this.box, 'seats'), error);
    }
  }

  /** True while that script sits there: not when it has ended, and another one has come. */
  isOf(script: number, seat: number): boolean {
    return this.#sitsAt(seat) === script;
  }

  /** Has the script that sits there look. */
  call(seat: number): void {
    const fd = this.#held.get(seat);
    try {
      if (fd !== undefined) writeSync(fd, '\n');
    } catch {
      // It is full: there is enough to read.
    }
  }

  /** Nobody is waited for there any more; who sits there still reads what he was called with. */
  leave(seat: number): void {
    rmSync(this.#fifo(seat), { force: true });
    this.#left.add(seat);
  }

  /** Makes those anew that were left, when they are many. */
  renewMany(): void {
    if (this.#left.size >= RENEWED) this.#renew();
  }

  /** Makes those anew that were left, and those of scripts that have ended without a word. @param used never these */
  renewAll(used: ReadonlySet<number>): void {
    const taken = readdirSync(join(this.box, 'taken')).map(Number);
    for (const seat of taken.filter((each) => !used.has(each) && this.#isAbandoned(each))) this.leave(seat);
    this.#renew();
  }

  /** Nobody holds them any more: who still waits there goes. */
  close(): void {
    for (const seat of [...this.#held.keys()]) this.#letGo(seat);
  }

  #renew(): void {
    const seats = [...this.#left];
    if (seats.length === 0) return;
    try {
      this.#makeAll(seats);
    } catch {
      return; // no room in memory: at the next time
    }
    for (const seat of seats) rmSync(this.#mark(seat), { force: true });
    this.#left.clear();
  }

  #makeAll(seats: readonly number[]): void {
    for (const seat of seats) {
      rmSync(this.#fifo(seat), { force: true });
      this.#letGo(seat);
    }
    execFileSync('mkfifo', ['-m', '600', ...seats.map((seat) => this.#fifo(seat))], {
      stdio: 'ignore',
      timeout: PATIENCE,
      killSignal: 'SIGKILL',
    });
    for (const seat of seats) this.#held.set(seat, openSync(this.#fifo(seat), HOLD));
  }

  #letGo(seat: number): void {
    const fd = this.#held.get(seat);
    if (this.#held.delete(seat) && fd !== undefined) closeSync(fd);
  }

  #isAbandoned(seat: number): boolean {
    const script = this.#sitsAt(seat);
    if (script !== undefined) return !existsSync(`/proc/${script}`);
    const mark = statSync(this.#mark(seat), { throwIfNoEntry: false });
    return mark !== undefined && Date.now() - mark.mtimeMs > WRITING;
  }

  /** Undefined while the script is still writing that. */
  #sitsAt(seat: number): number | undefined {
    const text = readIfThere(this.#mark(seat));
    return text?.endsWith('\n') ? Number(text) : undefined;
  }

  #fifo(seat: number): string {
    return join(this.box, `seats/${seat}`);
  }

  #mark(seat: number): string {
    return join(this.box, `taken/${seat}`);
  }
}

/** Half of the files that this process may still open: the others are for its work. */
function room(): number {
  const [, most] = /^Max open files +(\d+)/m.exec(readIfThere('/proc/self/limits') ?? '') ?? [];
  return most ? Math.floor((Number(most) - readdirSync('/proc/self/fd').length) / 2) : SEATS;
}
