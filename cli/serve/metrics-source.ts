import { Worker } from 'node:worker_threads';
import { by, type Family } from '../metrics/family.ts';
import type { MetricsFound, MetricsStart } from './metrics-worker.ts';
import type { Troubles } from './troubles.ts';

/** How old metrics may be at the least, in milliseconds, however often somebody asks. */
const FRESH = 5_000;
/** And how many times as old as collecting them has taken, at the most so much: a large ledger must not keep a core busy. */
const SHARE = 10;
const LONGEST = 120_000;
/** Where collecting takes longer than this, what is no older than that is told at once: Prometheus waits ten seconds. */
const SLOW = 2_000;
const OLD = 600_000;
/** How long a collection may take, in milliseconds: the first one of a host reads its whole journal. */
const PATIENCE = 300_000;
/** How its troubles are named. */
const TROUBLE = 'metrics';

/** Metrics of a home, collected by a thread of its own: one collection at a time, for all who ask meanwhile. */
export class MetricsSource {
  #running: Promise<readonly Family[]> | undefined;
  #last: { readonly families: readonly Family[]; readonly time: number; readonly took: number } | undefined;
  #worker: Worker | undefined;

  /** @param program the file of this program, which the thread runs as well */
  constructor(
    private readonly program: string,
    private readonly start: MetricsStart,
    private readonly troubles: Troubles,
    private readonly patience = PATIENCE,
    private readonly slow = SLOW,
    private readonly fresh = FRESH,
  ) {}

  /** What is known by now. Never fails: what could not be looked at is told of as a trouble, and in a metric. */
  families(): Promise<readonly Family[]> {
    const last = this.#last;
    const age = last === undefined ? Number.POSITIVE_INFINITY : performance.now() - last.time;
    const isFresh = last && age < Math.min(LONGEST, Math.max(this.fresh, SHARE * last.took));
    if (isFresh) return Promise.resolve(last.families);
    this.#running ??= this.#collect().finally(() => {
      this.#running = undefined;
    });
    if (last && last.took > this.slow && age < OLD) return Promise.resolve(last.families);
    return this.#running;
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  async #collect(): Promise<readonly Family[]> {
    const begin = performance.now();
    const { families, failures } = await this.#askThread().catch((error: Error) => ({
      families: [
        by('part', 'riposte_collection_success', 'gauge', 'Whether the last look went well.', [
          ['thread', 0],
        ]),
      ],
      failures: [error.message],
    }));
    if (failures.length === 0) this.troubles.end(TROUBLE);
    else this.troubles.begin(TROUBLE, `${TROUBLE}: ${failures.join('; ')}`);
    const time = performance.now();
    this.#last = { families, time, took: time - begin };
    return families;
  }

  #askThread(): Promise<MetricsFound> {
    return new Promise((resolve, reject) => {
      const worker = new Worker(this.program, { workerData: this.start });
      this.#worker = worker;
      const watchdog = setTimeout(() => {
        reject(new Error(`not collected within ${this.patience / 1000} s`));
        worker.terminate();
      }, this.patience);
      worker.on('message', resolve);
      worker.on('error', (error) => reject(new Error(`a defect in Riposte: ${error.message}`)));
      worker.on('exit', () => {
        clearTimeout(watchdog);
        this.#worker = undefined;
        reject(new Error('the thread that collects has ended'));
      });
    });
  }
}
