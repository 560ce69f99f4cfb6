import { Worker, type WorkerOptions } from 'node:worker_threads';
import { debugError } from './debug.ts';
import { asRiposteError } from './errors.ts';

/** A worker thread, and the handlers of its messages and its end. */
export interface SupervisedWorker<Message> {
  /** For messages to people: `the block worker`. */
  readonly name: string;
  /** The file that the thread runs. */
  readonly program: string;
  readonly options: WorkerOptions;
  /** Milliseconds before each restart after crashes in a row; the last value repeats. Empty: no restart. */
  readonly pauses: readonly number[];
  /** Called when a worker was started, also after a crash: it accepts messages from now on. */
  onStart?(): void;
  onMessage(message: Message): void;
  /** Called when the worker ended without stop(): its unanswered messages are lost. */
  onCrash(reason: string): void;
}

/** Starts a worker thread, restarts it after a crash, ends it when it takes too long, and stops it. */
export class WorkerSupervisor<Request, Message> {
  #worker: Worker | undefined;
  #restart: NodeJS.Timeout | undefined;
  #limit: NodeJS.Timeout | undefined;
  #crashes = 0;
  #reason = '';

  constructor(private readonly supervised: SupervisedWorker<Message>) {}

  /** False from a crash until the restart, and after stop(). */
  get isRunning(): boolean {
    return this.#worker !== undefined;
  }

  start(): void {
    const { program, options, onMessage } = this.supervised;
    const worker = new Worker(program, options);
    this.#reason = `${this.supervised.name} has ended`;
    worker.on('message', (message) => this.#worker === worker && onMessage(message));
    worker.on('error', (error) => {
      debugError(error);
      this.#reason = asRiposteError(error).message;
    });
    worker.on('exit', () => this.#worker === worker && this.#crashed());
    this.#worker = worker;
    this.supervised.onStart?.();
  }

  /** Sends the worker a message. If no worker runs, the message is lost. */
  post(message: Request): void {
    this.#worker?.postMessage(message);
  }

  /** Ends the worker and treats it as crashed, unless answered() is called within this time. */
  expectAnswer(milliseconds: number): void {
    clearTimeout(this.#limit);
    this.#limit = setTimeout(() => this.endAsHung(milliseconds), milliseconds).unref();
  }

  /** Call this when the worker has answered. Then its next crash counts as the first in a row. */
  answered(): void {
    clearTimeout(this.#limit);
    this.#crashes = 0;
  }

  /**
   * Ends the worker and treats it as crashed, because it has not answered for this time. The thread ends as soon
   * as its system call returns.
   */
  endAsHung(milliseconds: number): void {
    this.#reason = `${this.supervised.name} did not answer within ${milliseconds / 1000} s, so Riposte ends it`;
    this.#worker?.terminate();
  }

  /** Ends the worker, and waits until it has ended. Does not call onCrash. */
  async stop(): Promise<void> {
    clearTimeout(this.#limit);
    clearTimeout(this.#restart);
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #crashed(): void {
    clearTimeout(this.#limit);
    this.#worker = undefined;
    const { pauses, onCrash } = this.supervised;
    const pause = pauses[this.#crashes++] ?? pauses.at(-1);
    if (pause !== undefined) this.#restart = setTimeout(() => this.start(), pause).unref();
    onCrash(this.#reason);
  }
}
