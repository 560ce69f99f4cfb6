import { RiposteError } from '../../active-response/errors.ts';
import { exposition } from '../metrics/exposition.ts';
import { serverMetrics } from '../metrics/server.ts';
import { serveMetrics } from './metrics-server.ts';
import { MetricsSource } from './metrics-source.ts';
import type { MetricsStart } from './metrics-worker.ts';
import type { State } from './state.ts';
import type { Troubles } from './troubles.ts';

/** What it takes to tell metrics. */
export interface MetricsService {
  /** As METRICS_LISTEN says. */
  readonly listen: string;
  /** The file of this program, which the thread that collects runs as well. */
  readonly program: string;
  readonly start: MetricsStart;
}

/**
 * Answers who asks for metrics, until it is closed: with what a thread collects, and what the server says of itself.
 * Where it cannot listen it says so, and the server goes on without: to be seen is less than to protect.
 *
 * @returns undefined where there is nothing to close
 */
export async function listenForScrapes(
  service: MetricsService | undefined,
  stateNow: () => State,
  troubles: Troubles,
  say: (text: string) => void,
): Promise<{ close(): Promise<void> } | undefined> {
  if (service === undefined) return undefined;
  const source = new MetricsSource(service.program, service.start, troubles);
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
    say(`metrics are not to be had: ${error.message}`);
    return undefined;
  }
}
