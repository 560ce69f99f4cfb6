import { utf8 } from '../base/bytes.ts';
import { EX } from '../base/errors.ts';
import { WorkerSupervisor } from '../base/worker-supervisor.ts';
import type { Detection } from '../evaluate/detection.ts';
import { BatchSize } from './batch-size.ts';
import { BlockQueue, type Urgency, type Waiting } from './block-queue.ts';
import type { Capped } from './scan/block-cap.ts';

/** Start data of the block worker. */
export interface Start {
  readonly role: 'block-worker';
  /** The home's root. */
  readonly home: string;
  /** The response's name. */
  readonly response: string;
  readonly env: NodeJS.ProcessEnv;
}

/** A block that the worker must make. */
export interface BlockTask {
  readonly id: number;
  readonly detection: Detection;
}

/** The blocks that the worker makes together. */
export interface BlockBatch {
  readonly tasks: readonly BlockTask[];
}

/** The result of an attempt: an outcome's word and reason, and the exit code with which a script would end. */
export interface BlockResult {
  readonly id: number;
  readonly word: string;
  readonly reason: string;
  readonly exitCode: number;
  /** The blocked address or network, as in the ledger. */
  readonly address?: string | undefined;
  /** The end of the block, ISO 8601; null for a block without an end, absent if there is no block. */
  readonly until?: string | null | undefined;
  /** True if Riposte decided the block from a log, so that the block counts for NETWORK_AFTER. */
  readonly isFinding?: boolean | undefined;
}

/** The results of a batch, and the number of blocks that Riposte itself has decided, after the batch. */
export interface BatchResult {
  readonly results: readonly BlockResult[];
  readonly capped: Capped;
}

/** A line for the server's log. */
export interface LogLine {
  readonly said: string;
}

/** The time to wait before a failed block is retried, and before a crashed worker is restarted, in milliseconds. */
const RETRIES = [1_000, 5_000, 15_000, 60_000, 300_000];

/** Exit codes that a retry cannot change. */
const FINAL: ReadonlySet<number> = new Set([EX.OK, EX.DATAERR, EX.USAGE, EX.CANTCREAT]);

/** Exit codes after which the ledger may lack the block. Then no sweep can restore it, so retry without limit. */
const UNRECORDED: ReadonlySet<number> = new Set([EX.IOERR, EX.CONFIG]);

/** The most blocks that may wait. If more wait, the least urgent are dropped. */
const MOST = 100_000;

/**
 * The time limit of the worker for a batch, in milliseconds. The worker runs several commands, each with the limit
 * COMMAND_TIMEOUT.
 */
const PATIENCE = 300_000;

interface Pending extends BlockTask, Waiting {
  tries: number;
}

/** The parts of a client. */
export interface BlockWorkerOptions {
  /** The file of this program, which the worker runs as well. */
  readonly program: string;
  readonly start: Start;
  /** Called after each try. */
  readonly onResult: (detection: Detection, result: BlockResult, triesAgain: boolean) => void;
  readonly say: (message: string) => void;
  readonly urgencyOf?: (detection: Detection) => Urgency;
  /**
   * Called before each try, so that the caller can choose the address or network to block for a detection at the last
   * moment.
   */
  readonly onTry?: (detection: Detection) => void;
  readonly patience?: number | undefined;
}

/**
 * Sends blocks to a worker thread, in batches. After a crash, it splits the unanswered batch and sends each half as a
 * batch of its own, so that a block that crashes the worker ends up alone in a batch. Sending a block twice is
 * harmless, because it only renews the block.
 */
export class BlockWorkerClient {
  /**
   * All blocks that are not in place. `#ready` holds the blocks that can be sent now: no retry pause and no worker
   * holds them.
   */
  readonly #pending = new Map<number, Pending>();
  readonly #ready = new BlockQueue<Pending>();
  /** Parts of the batches that a worker was handling when it crashed. */
  readonly #suspects: (readonly Pending[])[] = [];
  #isSuspectsTurn = false;
  /** The number of blocks that Riposte itself has decided, as of the last batch. */
  capped: Capped = { count: 0, ended: 0 };
  #current: readonly Pending[] = [];
  /** The time at which the current batch was sent, by a monotonic clock. */
  #sentAt = 0;
  readonly #batchSize = new BatchSize();
  #nextId = 1;
  readonly #worker: WorkerSupervisor<BlockBatch, BatchResult | LogLine>;

  constructor(private readonly options: BlockWorkerOptions) {
    const { program, start, say } = options;
    this.#worker = new WorkerSupervisor({
      name: 'the block worker',
      program,
      options: { workerData: start },
      pauses: RETRIES,
      onStart: () => this.#sendNext(),
      onMessage: (message) => ('said' in message ? say(message.said) : this.#answered(message)),
      onCrash: (reason) => this.#lost(reason),
    });
    this.#worker.start();
  }

  /** The number of requested blocks that are not yet in place. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Queues the block of a detection's source. @param isReport true for a report of the hook */
  block(detection: Detection, isReport = false): void {
    const urgency = this.options.urgencyOf?.(detection) ?? 'other';
    const id = this.#nextId++;
    const pending: Pending = { id, detection, address: utf8(detection.address), urgency, isReport, tries: 0 };
    this.#pending.set(id, pending);
    this.#ready.add(pending);
    if (this.#pending.size > MOST) {
      const dropped = this.#ready.drop();
      if (dropped) this.#drop(dropped, `more than ${MOST} blocks wait`);
    }
    this.#sendNext();
  }

  close(): Promise<void> {
    return this.#worker.stop();
  }

  #sendNext(): void {
    if (this.#current.length > 0 || !this.#worker.isRunning) return;
    this.#current = this.#nextBatch();
    if (this.#current.length === 0) return;
    for (const { detection } of this.#current) this.options.onTry?.(detection);
    this.#sentAt = performance.now();
    this.#worker.post({ tasks: this.#current.map(({ id, detection }) => ({ id, detection })) });
    this.#worker.expectAnswer(this.options.patience ?? PATIENCE);
  }

  /** Takes suspect and other blocks alternately, so that neither kind delays the other for more than one batch. */
  #nextBatch(): readonly Pending[] {
    const isSuspectsTurn = this.#isSuspectsTurn || this.#ready.size === 0;
    const suspects = isSuspectsTurn ? this.#suspects.shift() : undefined;
    this.#isSuspectsTurn = suspects === undefined;
    return suspects ?? this.#ready.take(this.#batchSize.most, this.#batchSize.isSizeDear);
  }

  #lost(reason: string): void {
    this.options.say(reason);
    const lost = this.#current;
    this.#current = [];
    const [first] = lost;
    if (first === undefined) return;
    this.#isSuspectsTurn = false;
    if (lost.length > 1) {
      const middle = Math.ceil(lost.length / 2);
      this.#suspects.push(lost.slice(0, middle), lost.slice(middle));
    } else if (RETRIES[first.tries++] === undefined)
      this.#drop(first, 'the block worker crashes on this block each time');
    else this.#suspects.push(lost);
  }

  #answered({ results, capped }: BatchResult): void {
    const current = new Map(this.#current.map((pending) => [pending.id, pending]));
    const known = results.filter(({ id }) => current.has(id));
    if (known.length < current.size) return; // late results of another batch
    this.#batchSize.took(this.#current.length, performance.now() - this.#sentAt);
    this.#current = [];
    this.#worker.answered();
    this.capped = capped;
    for (const result of known) this.#conclude(current.get(result.id) as Pending, result);
    this.#sendNext();
  }

  #conclude(pending: Pending, result: BlockResult): void {
    const wait = waitAfter(result.exitCode, pending.tries++);
    if (wait === undefined) this.#pending.delete(pending.id);
    else setTimeout(() => this.#again(pending), wait).unref();
    this.options.onResult(pending.detection, result, wait !== undefined);
  }

  #again(pending: Pending): void {
    this.#ready.add(pending);
    this.#sendNext();
  }

  #drop({ id, detection }: Pending, reason: string): void {
    this.#pending.delete(id);
    this.options.onResult(detection, { id, word: 'failed', reason, exitCode: EX.SOFTWARE }, false);
  }
}

/** The time to wait before a retry, in milliseconds; undefined for no retry. */
function waitAfter(exitCode: number, tries: number): number | undefined {
  if (FINAL.has(exitCode)) return undefined;
  return RETRIES[tries] ?? (UNRECORDED.has(exitCode) ? RETRIES.at(-1) : undefined);
}
