import { WorkerSupervisor } from '../../base/worker-supervisor.ts';
import { by, type Family } from '../../metrics/family.ts';
import type { ConditionLog } from '../condition-log.ts';
import type { MetricsFound, MetricsStart } from './metrics-worker.ts';

/** Metrics younger than this, in milliseconds, are not collected again. */
const FRESH = 5_000;
/**
 * Metrics are also fresh for SHARE times the duration of their collection, up to LONGEST, so that a large ledger does
 * not keep a core busy.
 */
const SHARE = 10;
const LONGEST = 120_000;
/**
 * Prometheus waits only ten seconds. So if the last collection took longer than SLOW, a request during a collection
 * gets the last metrics at once, unless they are older than OLD.
 */
const SLOW = 2_000;
const OLD = 600_000;
/** The time limit of a collection, in milliseconds. The first collection of a host reads the whole journal. */
const PATIENCE = 300_000;
/** The name of this source's condition in the log. */
const CONDITION = 'metrics';

/** Collects the metrics of a home in a worker thread. Requests during a collection share its result. */
export class MetricsSource {
  #running: Promise<readonly Family[]> | undefined;
  #last: { readonly families: readonly Family[]; readonly time: number; readonly took: number } | undefined;
  #worker: WorkerSupervisor<never, MetricsFound> | undefined;

  /** @param program the file of this program, which the worker runs as well */
  constructor(
    private readonly program: string,
    private readonly start: MetricsStart,
    private readonly conditions: ConditionLog,
    private readonly patience = PATIENCE,
    private readonly slow = SLOW,
    private readonly fresh = FRESH,
  ) {}

  /** The newest metrics. Never fails: if a source cannot be read, a log line and a metric report that. */
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
    await this.#worker?.stop();
  }

  async #collect(): Promise<readonly Family[]> {
    const begin = performance.now();
    const { families, failures } = await this.#runWorker().catch((error: Error) => ({
      families: [
        by('part', 'riposte_collection_success', 'gauge', 'Whether the last collection succeeded.', [
          ['thread', 0],
        ]),
      ],
      failures: [error.message],
    }));
    if (failures.length === 0) this.conditions.end(CONDITION);
    else this.conditions.begin(CONDITION, `${CONDITION}: ${failures.join('; ')}`);
    const time = performance.now();
    this.#last = { families, time, took: time - begin };
    return families;
  }

  #runWorker(): Promise<MetricsFound> {
    return new Promise((resolve, reject) => {
      this.#worker = new WorkerSupervisor<never, MetricsFound>({
        name: 'the metrics worker',
        program: this.program,
        options: { workerData: this.start },
        pauses: [], // the next collection starts another worker
        onMessage: resolve,
        onCrash: (reason) => reject(new Error(reason)),
      });
      this.#worker.start();
      this.#worker.expectAnswer(this.patience);
    });
  }
}
