import { type MessagePort, workerData } from 'node:worker_threads';
import { homeAt } from '../active-response/home.ts';
import type { Block } from '../active-response/ledger.ts';
import { responseNamed } from '../active-response/response/responses.ts';
import { loadSettings } from '../active-response/settings/load.ts';
import { RiposteError } from '../base/errors.ts';
import { nameThread } from '../base/files.ts';
import { isOwnDecision } from './scan/block-cap.ts';
import { sweepAndReport } from './scan/sweep-and-report.ts';

/** Start data of a thread that sweeps once. */
export interface SweepStart {
  readonly role: 'sweep';
  /** The home's root. */
  readonly home: string;
  readonly response: string;
  readonly env: NodeJS.ProcessEnv;
  /**
   * The time when the sweep was requested, in milliseconds since 1970. Blocks that were made later may not be in force
   * yet.
   */
  readonly at: number;
}

/** A message of the thread: a line for the server's log, a problem to report once, or the end. */
export type SweepMessage = { readonly said: string } | { readonly problem: string } | SweepEnd;

export interface SweepEnd {
  /** The end of the next block, in milliseconds since 1970; undefined when no block ends. */
  readonly nextEnd: number | undefined;
  /** The number of blocks that Riposte itself has decided. */
  readonly own: number;
}

/**
 * Sweeps once, in its own thread. With 100,000 blocks, a sweep takes seconds, and new blocks must not wait for it.
 */
export function sweepInThread(port: MessagePort): void {
  nameThread('sweep');
  const { home: root, response, env, at } = workerData as SweepStart;
  const home = homeAt(root);
  const post = (message: SweepMessage) => port.postMessage(message);
  try {
    // A wrong line in riposte.conf must not prevent an unblock.
    const ignore = (message: string) => post({ problem: `${message}: ignored` });
    const swept = responseNamed(response);
    const settings = loadSettings(home.settings, new Map(), ignore, swept.settings);
    const context = { response: swept, home, settings, env, dryRun: undefined };
    const blocks = sweepAndReport(context, (said) => post({ said }), at);
    post({ nextEnd: nextEndOf(blocks, at), own: blocks.filter(isOwnDecision).length });
  } catch (error) {
    if (!(error instanceof RiposteError)) throw error;
    post({ problem: error.message });
  }
}

/**
 * Ignores expired blocks that are still in the ledger. This sweep could not end them; the sweep in the next minute
 * tries again.
 */
function nextEndOf(blocks: readonly Block[], now: number): number | undefined {
  let next: number | undefined;
  for (const { until } of blocks) {
    const end = until === null ? Number.NaN : Date.parse(until);
    if (end > now && end < (next ?? Number.POSITIVE_INFINITY)) next = end;
  }
  return next;
}
