import { type MessagePort, workerData } from 'node:worker_threads';
import { homeAt } from '../../active-response/home.ts';
import { RiposteError } from '../../base/errors.ts';
import { collect } from '../../metrics/collect.ts';
import type { Family } from '../../metrics/family.ts';

/** Start data of the worker thread. */
export interface MetricsStart {
  readonly role: 'metrics';
  /** The home's root. */
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
}

/** The metrics, and the failures of sources that could not be read. */
export interface MetricsFound {
  readonly families: readonly Family[];
  readonly failures: readonly string[];
}

/**
 * Runs the worker thread, which collects metrics once. A large ledger takes seconds, which must not delay the reading
 * of logs.
 */
export async function collectInThread(port: MessagePort): Promise<void> {
  const { home, env } = workerData as MetricsStart;
  const warnings: string[] = [];
  const found = await collect(homeAt(home), env, (message) => warnings.push(message)).catch((error) => {
    if (!(error instanceof RiposteError)) throw error;
    return { families: [], failures: [error] };
  });
  const failures = [...warnings, ...found.failures.map(({ message }) => message)];
  port.postMessage({ families: found.families, failures } satisfies MetricsFound);
}
