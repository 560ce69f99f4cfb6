/**
 * Memory that the thread that answers shares with the one that watches it: whether there is work, and since when a
 * program runs that may have to be ended.
 */
export class Clock {
  readonly #cells: Int32Array;
  /** When the program's time is over, in nanoseconds of a clock that nobody sets, the same for all threads. */
  readonly #end: BigInt64Array;

  /** @param memory that of the other side; new when absent */
  constructor(readonly memory = new SharedArrayBuffer(24)) {
    this.#cells = new Int32Array(memory, 0, 4);
    this.#end = new BigInt64Array(memory, 16, 1);
  }

  /** A program has begun. @param timeout seconds that it may take */
  start(pid: number, timeout: number): void {
    Atomics.store(this.#end, 0, process.hrtime.bigint() + BigInt(Math.ceil(timeout * 1e9)));
    Atomics.store(this.#cells, 0, pid);
  }

  stop(): void {
    Atomics.store(this.#cells, 0, 0);
  }

  /** The program whose time is over, if any. */
  get overdue(): number | undefined {
    const pid = Atomics.load(this.#cells, 0);
    return pid > 0 && process.hrtime.bigint() > Atomics.load(this.#end, 0) ? pid : undefined;
  }

  /** How many requests are not answered yet. */
  set pending(count: number) {
    Atomics.store(this.#cells, 1, count);
  }

  get pending(): number {
    return Atomics.load(this.#cells, 1);
  }

  /** Counted up by the thread that answers, with each thing that it does. */
  step(): void {
    Atomics.add(this.#cells, 2, 1);
  }

  get steps(): number {
    return Atomics.load(this.#cells, 2);
  }
}
