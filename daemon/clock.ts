/**
 * Memory that the worker shares with the main thread: the worker's pending requests and steps, and the deadline of the
 * program that it runs.
 */
export class Clock {
  readonly #cells: Int32Array;
  /** The program's deadline, in nanoseconds of the monotonic clock, which all threads share. */
  readonly #deadline: BigInt64Array;

  /** @param memory the memory that the other thread has made; if absent, makes new memory */
  constructor(readonly memory = new SharedArrayBuffer(24)) {
    this.#cells = new Int32Array(memory, 0, 4);
    this.#deadline = new BigInt64Array(memory, 16, 1);
  }

  /** Sets the deadline of a program that got a script. @param timeout in seconds */
  start(pid: number, timeout: number): void {
    Atomics.store(this.#deadline, 0, process.hrtime.bigint() + BigInt(Math.ceil(timeout * 1e9)));
    Atomics.store(this.#cells, 0, pid);
  }

  /** Ends the deadline: the program has run its script. */
  stop(): void {
    Atomics.store(this.#cells, 0, 0);
  }

  /** The process ID of a program that has passed its deadline. */
  get overdue(): number | undefined {
    const pid = Atomics.load(this.#cells, 0);
    return pid > 0 && process.hrtime.bigint() > Atomics.load(this.#deadline, 0) ? pid : undefined;
  }

  /** The number of requests without an answer. */
  set pending(count: number) {
    Atomics.store(this.#cells, 1, count);
  }

  get pending(): number {
    return Atomics.load(this.#cells, 1);
  }

  /** Counts an answer of the worker. */
  step(): void {
    Atomics.add(this.#cells, 2, 1);
  }

  get steps(): number {
    return Atomics.load(this.#cells, 2);
  }
}
