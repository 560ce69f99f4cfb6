import { type MessagePort, workerData } from 'node:worker_threads';
import { RiposteError } from '../../active-response/errors.ts';
import { homeAt } from '../../active-response/home.ts';
import { collect } from '../metrics/collect.ts';
import type { Family } from '../metrics/family.ts';

/** What the thread is started with. */
export interface MetricsStart {
  readonly role: 'metrics';
  /** The home's root. */
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
}

/** What it found, and what it could not look at. */
export interface MetricsFound {
  readonly families: readonly Family[];
  readonly failures: readonly string[];
}

/** The thread that collects metrics once, and ends: a large ledger takes seconds, in which logs must be read. */
export async function collectInThread(port: MessagePort): Promise<void> {
  const { home, env } = workerData as MetricsStart;
  const told: string[] = [];
  const found = await collect(homeAt(home), env, (message) => told.push(message)).catch((error) => {
    if (!(error instanceof RiposteError)) throw error;
    return { families: [], failures: [error] };
  });
  const failures = [...told, ...found.failures.map(({ message }) => message)];
  port.postMessage({ families: found.families, failures } satisfies MetricsFound);
}
