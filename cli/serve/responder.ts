import { Worker } from 'node:worker_threads';
import { EX } from '../../active-response/errors.ts';
import type { Found } from './judge.ts';

/** What the thread is started with. */
export interface Start {
  readonly role: 'responder';
  /** The home's root. */
  readonly home: string;
  /** The response's name. */
  readonly response: string;
  readonly env: NodeJS.ProcessEnv;
}

/** A block that the thread is asked for. */
export interface Question {
  readonly id: number;
  readonly found: Found;
}

/** How it ended: an outcome's word and reason, and the exit code that a script would have had. */
export interface Answer {
  readonly id: number;
  readonly word: string;
  readonly reason: string;
  readonly exitCode: number;
}

/** Something for the server's log. */
export interface Said {
  readonly said: string;
}

/** After how many milliseconds a block that failed is tried again: each time longer. */
const RETRIES = [1_000, 5_000, 15_000, 60_000, 300_000];

/** Failures that will be the same at the next try. */
const FINAL: ReadonlySet<number> = new Set([EX.OK, EX.DATAERR, EX.USAGE, EX.CANTCREAT]);

/** Failures after which the ledger may know nothing of the block: no sweep makes it good, so it is never given up. */
const UNRECORDED: ReadonlySet<number> = new Set([EX.IOERR, EX.CONFIG]);

/** How many blocks wait at the most; the one that was asked for first is given up first. */
const MOST = 100_000;

/** How long the thread may take for one block, in milliseconds: some commands of COMMAND_TIMEOUT each. */
const PATIENCE = 300_000;

interface Pending extends Question {
  tries: number;
}

/**
 * Has addresses blocked by a thread of its own, one after the other. What has not been answered yet is asked again
 * when the thread dies: to block twice is to renew.
 */
export class Responder {
  /** All that is not in place, and of them those whose turn it is. */
  readonly #pending = new Map<number, Pending>();
  readonly #ready = new Map<number, Pending>();
  #inHand: Pending | undefined;
  #nextId = 1;
  #worker: Worker | undefined;
  #watchdog: NodeJS.Timeout | undefined;
  #deaths = 0;
  #isClosed = false;

  /**
   * @param program the file of this program, which the thread runs as well
   * @param onAnswer told of each try
   */
  constructor(
    private readonly program: string,
    private readonly start: Start,
    private readonly onAnswer: (found: Found, answer: Answer, triesAgain: boolean) => void,
    private readonly say: (message: string) => void,
    private readonly patience = PATIENCE,
  ) {
    this.#startThread();
  }

  /** How many blocks are asked for and not yet in place. */
  get pending(): number {
    return this.#pending.size;
  }

  block(found: Found): void {
    const pending: Pending = { id: this.#nextId++, found, tries: 0 };
    this.#pending.set(pending.id, pending);
    this.#ready.set(pending.id, pending);
    const [first] = this.#ready.values();
    if (this.#pending.size > MOST && first) this.#giveUp(first, `more than ${MOST} blocks wait`);
    this.#askNext();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#watchdog);
    await this.#worker?.terminate();
  }

  #askNext(): void {
    const [next] = this.#ready.values();
    if (this.#inHand || !next || !this.#worker) return;
    this.#ready.delete(next.id);
    this.#inHand = next;
    this.#worker.postMessage({ id: next.id, found: next.found } satisfies Question);
    this.#watchdog = setTimeout(() => this.#endThread(), this.patience).unref();
  }

  #startThread(): void {
    const worker = new Worker(this.program, { workerData: this.start });
    worker.on('message', (message: Answer | Said) => {
      if ('said' in message) this.say(message.said);
      else this.#answered(message);
    });
    worker.on('error', (error) => this.say(`a defect in Riposte: ${error.message}`));
    worker.on('exit', () => this.#died());
    this.#worker = worker;
    this.#askNext();
  }

  #endThread(): void {
    this.say(`no answer within ${this.patience / 1000} s from the thread that blocks: it is ended`);
    this.#worker?.terminate();
  }

  #died(): void {
    this.#worker = undefined;
    clearTimeout(this.#watchdog);
    if (this.#isClosed) return;
    const { [this.#deaths++]: wait = RETRIES.at(-1) } = RETRIES;
    setTimeout(() => this.#isClosed || this.#startThread(), wait).unref();
    const pending = this.#inHand;
    this.#inHand = undefined;
    if (!pending) return;
    // It may be what the thread dies of: the others go first now.
    if (RETRIES[pending.tries++] === undefined) this.#giveUp(pending, 'the thread that blocks dies of it');
    else this.#ready.set(pending.id, pending);
  }

  #answered({ id, ...answer }: Answer): void {
    const pending = this.#inHand;
    if (pending?.id !== id) return;
    this.#inHand = undefined;
    this.#deaths = 0;
    clearTimeout(this.#watchdog);
    const wait = waitAfter(answer.exitCode, pending.tries++);
    if (wait === undefined) this.#pending.delete(id);
    else setTimeout(() => this.#again(pending), wait).unref();
    this.onAnswer(pending.found, { id, ...answer }, wait !== undefined);
    this.#askNext();
  }

  #again(pending: Pending): void {
    this.#ready.set(pending.id, pending);
    this.#askNext();
  }

  #giveUp({ id, found }: Pending, reason: string): void {
    this.#pending.delete(id);
    this.#ready.delete(id);
    this.onAnswer(found, { id, word: 'failed', reason, exitCode: EX.SOFTWARE }, false);
  }
}

/** How many milliseconds to wait for the next try; undefined when there is none. */
function waitAfter(exitCode: number, tries: number): number | undefined {
  if (FINAL.has(exitCode)) return undefined;
  return RETRIES[tries] ?? (UNRECORDED.has(exitCode) ? RETRIES.at(-1) : undefined);
}
