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
import { fileError, readIfThere } from '../base/files.ts';

/**
 * The number of clients that can wait at the same time; further clients wait for a slot. Each slot is a pipe that this
 * process keeps open. Keep the number below a thousand: beyond that, the kernel makes only small pipes for an
 * unprivileged user, as in a container.
 */
export const WAIT_SLOTS = 900;
/** When this many slots are released, all of them are made anew at once, because each mkfifo is a process. */
const RENEWED = 64;

/** The time limit of mkfifo, in milliseconds. While mkfifo runs, the worker answers no client. */
const PATIENCE = 10_000;
const HOLD = constants.O_RDWR | constants.O_NONBLOCK;
/**
 * The time that a client may take to write its process ID, in milliseconds. A client that was killed, or whose disk
 * is full, never writes it.
 */
const WRITING = 5_000;

/**
 * The slots in which clients wait. `seats/N` is a FIFO; a client creates `taken/N`, with its process ID in it, to claim
 * slot N. A released slot is free again once `mkfifo` has made its FIFO anew.
 *
 * This process holds each FIFO open. When this process ends, for any reason, each waiting client reads end-of-file.
 */
export class WaitSlots {
  readonly #held = new Map<number, number>();
  /** Slots to make anew. */
  readonly #released = new Set<number>();

  /** @param directory the request directory */
  constructor(private readonly directory: string) {}

  /** Makes the slots. @returns their number @throws RiposteError (IOERR, NOPERM) */
  make(): number {
    try {
      for (const part of ['seats', 'taken']) mkdirSync(join(this.directory, part), 0o700);
      const count = Math.min(WAIT_SLOTS, spareFds());
      this.#makeAll(Array.from({ length: count }, (_, slot) => slot));
      return count;
    } catch (error) {
      this.close();
      throw fileError('make', join(this.directory, 'seats'), error);
    }
  }

  /** True while the client of this process ID holds the slot. False once another client has claimed it. */
  isOf(client: number, slot: number): boolean {
    return this.#ownerOf(slot) === client;
  }

  /** Wakes the client that waits in a slot. */
  wake(slot: number): void {
    const fd = this.#held.get(slot);
    try {
      if (fd !== undefined) writeSync(fd, '\n');
    } catch {
      // The FIFO is full: the client has enough to read.
    }
  }

  /** Releases the slot. Its client may still drain buffered data. */
  release(slot: number): void {
    rmSync(this.#fifo(slot), { force: true });
    this.#released.add(slot);
  }

  /** Makes released slots anew if there are many. */
  renewMany(): void {
    if (this.#released.size >= RENEWED) this.#renew();
  }

  /** Makes released slots anew, and slots of clients that ended without an answer. @param used slots to keep */
  renewAll(used: ReadonlySet<number>): void {
    const taken = readdirSync(join(this.directory, 'taken')).map(Number);
    for (const slot of taken.filter((each) => !used.has(each) && this.#isAbandoned(each))) this.release(slot);
    this.#renew();
  }

  /** Closes all FIFOs, so that each waiting client reads end-of-file. */
  close(): void {
    for (const slot of [...this.#held.keys()]) this.#closeFifo(slot);
  }

  #renew(): void {
    const slots = [...this.#released];
    if (slots.length === 0) return;
    try {
      this.#makeAll(slots);
    } catch {
      return; // no room in memory: try again the next time
    }
    for (const slot of slots) rmSync(this.#mark(slot), { force: true });
    this.#released.clear();
  }

  #makeAll(slots: readonly number[]): void {
    for (const slot of slots) {
      rmSync(this.#fifo(slot), { force: true });
      this.#closeFifo(slot);
    }
    execFileSync('mkfifo', ['-m', '600', ...slots.map((slot) => this.#fifo(slot))], {
      stdio: 'ignore',
      timeout: PATIENCE,
      killSignal: 'SIGKILL',
    });
    for (const slot of slots) this.#held.set(slot, openSync(this.#fifo(slot), HOLD));
  }

  #closeFifo(slot: number): void {
    const fd = this.#held.get(slot);
    if (this.#held.delete(slot) && fd !== undefined) closeSync(fd);
  }

  #isAbandoned(slot: number): boolean {
    const client = this.#ownerOf(slot);
    if (client !== undefined) return !existsSync(`/proc/${client}`);
    const mark = statSync(this.#mark(slot), { throwIfNoEntry: false });
    return mark !== undefined && Date.now() - mark.mtimeMs > WRITING;
  }

  /** The process ID of the client that holds a slot; undefined while the client is still writing it. */
  #ownerOf(slot: number): number | undefined {
    const text = readIfThere(this.#mark(slot));
    return text?.endsWith('\n') ? Number(text) : undefined;
  }

  #fifo(slot: number): string {
    return join(this.directory, `seats/${slot}`);
  }

  #mark(slot: number): string {
    return join(this.directory, `taken/${slot}`);
  }
}

/** Half of the number of files that this process may still open: its other work needs the other half. */
function spareFds(): number {
  const [, limit] = /^Max open files +(\d+)/m.exec(readIfThere('/proc/self/limits') ?? '') ?? [];
  return limit ? Math.floor((Number(limit) - readdirSync('/proc/self/fd').length) / 2) : WAIT_SLOTS;
}
