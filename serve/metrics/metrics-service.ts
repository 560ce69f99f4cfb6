import { RiposteError } from '../../base/errors.ts';
import { exposition } from '../../metrics/exposition.ts';
import type { ConditionLog } from '../condition-log.ts';
import type { ServerState } from '../state.ts';
import { serveMetrics } from './metrics-server.ts';
import { MetricsSource } from './metrics-source.ts';
import type { MetricsStart } from './metrics-worker.ts';
import { serverMetrics } from './server.ts';

/** The settings of the metrics server. */
export interface MetricsService {
  /** The address to listen at, as in METRICS_LISTEN. */
  readonly listen: string;
  /** The file of this program, which the worker runs as well. */
  readonly program: string;
  readonly start: MetricsStart;
}

/**
 * Serves metrics until it is closed: the metrics that a worker thread collects, and the server's own metrics. If it
 * cannot listen, logs that, and the server runs without metrics, because protection matters more.
 *
 * @returns undefined when there is nothing to close
 */
export async function listenForScrapes(
  service: MetricsService | undefined,
  stateNow: () => ServerState,
  conditions: ConditionLog,
  say: (text: string) => void,
): Promise<{ close(): Promise<void> } | undefined> {
  if (service === undefined) return undefined;
  const source = new MetricsSource(service.program, service.start, conditions);
  try {
    const server = await serveMetrics(service.listen, async () =>
      exposition([...(await source.families()), ...serverMetrics(stateNow())]),
    );
    say(`metrics are at ${service.listen}`);
    return {
      close: async () => {
        await server.close();
        await source.close();
      },
    };
  } catch (error) {
    if (!(error instanceof RiposteError)) throw error;
    say(`Riposte cannot serve metrics: ${error.message}`);
    return undefined;
  }
}
