import { Worker } from 'node:worker_threads';
import { sweepAllowList } from '../active-response/allow/sweep-allow-list.ts';
import type { Home } from '../active-response/home.ts';
import type { Block } from '../active-response/ledger.ts';
import { debugError } from '../base/debug.ts';
import { asRiposteError } from '../base/errors.ts';
import { reportsAreDue } from '../notify/abuseipdb/report-queue.ts';
import { sendSoon } from '../notify/enqueue-request.ts';
import type { CapWatch } from './cap-watch.ts';
import type { SweepMessage, SweepStart } from './sweep-thread.ts';

/** The longest time between two sweeps, in milliseconds. */
const LONGEST = 60_000;
/**
 * The shortest time between two sweeps, as a multiple of the last sweep's duration, because many blocks may end in one
 * second.
 */
const SHORTEST = 10;
/**
 * The time between two checks of the clock, in milliseconds. No event reports that the clock was set, or that the host
 * was suspended.
 */
const LOOK = 250;

/** Sweeps when a block ends, and every minute. Reports a problem only once, but each crash of a sweep. */
export class SweepTimer {
  readonly #said = new Set<string>();
  /** The end of the next block, in milliseconds since 1970. */
  #end = Number.POSITIVE_INFINITY;
  /** The time of the last sweep, by a monotonic clock. */
  #swept = 0;
  /** The duration of the last sweep. */
  #took = 0;
  #isHeld = false;
  #isSweeping = false;

  constructor(
    private readonly home: Home,
    private readonly response: string,
    private readonly env: NodeJS.ProcessEnv,
    private readonly say: (text: string) => void,
    private readonly cap: CapWatch,
    /** Called after a sweep that has succeeded. */
    private readonly onSwept: () => void,
  ) {}

  /** Sweeps now, and then whenever a sweep is due. */
  start(): void {
    this.#sweep();
    setInterval(() => this.#sweepIfDue(), LOOK);
    void this.#sweepAllowList();
    setInterval(() => this.#sweepAllowList(), LONGEST);
  }

  /** Resolves the names of the allow list. If their addresses have changed, sweeps at once. */
  async #sweepAllowList(): Promise<void> {
    const say = (text: string, isProblem = false) => (isProblem ? this.#sayOnce(text) : this.say(text));
    if (!(await sweepAllowList(this.home, say))) return;
    this.#expectEnd(0);
    this.#sweepIfDue();
  }

  /**
   * Delays sweeps until release(), because a sweep would restore blocks that are in the ledger, but not yet in the
   * backend.
   */
  hold(): void {
    this.#isHeld = true;
  }

  /** Allows sweeps again, and begins a delayed sweep. */
  release(): void {
    this.#isHeld = false;
    this.#sweepIfDue();
  }

  /** Plans a sweep for the end of a block. */
  expect({ until }: Block): void {
    if (until !== null) this.#expectEnd(Date.parse(until));
  }

  #expectEnd(end: number): void {
    this.#end = Math.min(this.#end, end);
  }

  #sweepIfDue(): void {
    const waited = performance.now() - this.#swept;
    const isDue = waited >= LONGEST || (Date.now() >= this.#end && waited >= SHORTEST * this.#took);
    if (isDue && !this.#isHeld && !this.#isSweeping) this.#sweep();
  }

  #sweep(): void {
    const began = performance.now();
    this.#isSweeping = true;
    this.cap.countsAnew();
    this.#end = Number.POSITIVE_INFINITY;
    const start: SweepStart = {
      role: 'sweep',
      home: this.home.root,
      response: this.response,
      env: this.env,
      at: Date.now(),
    };
    const worker = new Worker(process.argv[1] ?? '', { workerData: start });
    worker.on('message', (message: SweepMessage) => this.#onMessage(message));
    worker.on('error', (error) => {
      debugError(error);
      this.say(asRiposteError(error).message);
    });
    worker.on('exit', () => {
      this.#isSweeping = false;
      this.#swept = performance.now();
      this.#took = this.#swept - began;
    });
  }

  #onMessage(message: SweepMessage): void {
    if ('said' in message) this.say(message.said);
    else if ('problem' in message) this.#sayOnce(message.problem);
    else {
      this.cap.found(message.own);
      this.onSwept();
      if (message.nextEnd !== undefined) this.#expectEnd(message.nextEnd);
      this.sendSoon(() => reportsAreDue(this.home));
    }
  }

  /**
   * Starts a process that sends the waiting messages, if there are any. Only reports an error, because an error must
   * not end the thread that blocks.
   *
   * @param hasMore returns true if that process has other work, too
   */
  sendSoon(hasMore = () => false): void {
    try {
      sendSoon(this.home, this.env, undefined, hasMore());
    } catch (error) {
      debugError(error);
      this.#sayOnce(asRiposteError(error).message);
    }
  }

  #sayOnce(text: string): void {
    if (!this.#said.has(text)) this.say(text);
    this.#said.add(text);
  }
}
