import { type MessagePort, workerData } from 'node:worker_threads';
import { homeAt } from '../active-response/home.ts';
import { isBlock } from '../active-response/record/outcome.ts';
import type { Result } from '../active-response/record/result.ts';
import type { ResponseContext } from '../active-response/request-context.ts';
import { responseNamed } from '../active-response/response/responses.ts';
import { loadSettings } from '../active-response/settings/load.ts';
import { loadServerSettings } from '../active-response/settings/server-settings.ts';
import { attempt, RiposteError } from '../base/errors.ts';
import type { Detection } from '../evaluate/detection.ts';
import type { BatchResult, BlockBatch, BlockResult, LogLine, Start } from './block-worker-client.ts';
import { CapWatch } from './cap-watch.ts';
import { isOwnFinding } from './scan/block-cap.ts';
import { blockFound } from './scan/block-found.ts';
import { durationsOf } from './scan/durations.ts';
import { SweepTimer } from './sweep-timer.ts';

/**
 * Runs the worker thread that blocks. Blocking may wait for nft or ip, and must not delay the thread that reads the
 * logs. Like a script, the worker reads the settings for each batch.
 */
export function respondInThread(port: MessagePort): void {
  const { home: root, response, env } = workerData as Start;
  const home = homeAt(root);
  const say = (said: string) => port.postMessage({ said } satisfies LogLine);
  const cap = new CapWatch(say);
  const sweeps = new SweepTimer(home, response, env, say, cap, () => enforceCap(0));
  sweeps.start();
  port.on('message', async ({ tasks }: BlockBatch) => {
    sweeps.hold();
    const ended = await blockAll(tasks.map(({ detection }) => detection));
    for (const each of ended) {
      if (!(each instanceof RiposteError) && each.outcome.block) sweeps.expect(each.outcome.block);
    }
    sweeps.sendSoon();
    const isNew = (each: Result | RiposteError) => 'outcome' in each && isBlock(each.outcome);
    enforceCap(ended.filter(isNew).length);
    const results = tasks.map(({ id }, index) => resultOf(id, ended[index] as Result | RiposteError));
    port.postMessage({ results, capped: cap.capped } satisfies BatchResult);
    sweeps.release();
  });

  function contextNow(): ResponseContext {
    const made = responseNamed(response);
    const settings = loadSettings(home.settings, new Map(), undefined, made.settings);
    return { response: made, home, settings, env, dryRun: undefined };
  }

  /** Only reports an error, because a new block must not fail when other blocks cannot be ended. */
  function enforceCap(added: number): void {
    const error = attempt(() =>
      cap.enforce(contextNow(), loadServerSettings(home.settings, () => {}).maxBlocks, added),
    );
    if (error instanceof RiposteError) say(error.message);
  }

  async function blockAll(detections: readonly Detection[]): Promise<(Result | RiposteError)[]> {
    try {
      const context = contextNow();
      // The server has checked the settings at its start. A line that has become wrong since then must not prevent a
      // block.
      const own = loadServerSettings(home.settings, () => {});
      return await blockFound(detections, context, durationsOf(context.settings, own));
    } catch (error) {
      if (!(error instanceof RiposteError)) throw error;
      return detections.map(() => error);
    }
  }
}

function resultOf(id: number, ended: Result | RiposteError): BlockResult {
  if (ended instanceof RiposteError)
    return { id, word: 'failed', reason: ended.message, exitCode: ended.exitCode };
  const { outcome, exitCode } = ended;
  const { word, reason, address, block } = outcome;
  const isFinding = isBlock(outcome) && block !== undefined && isOwnFinding(block);
  return { id, word, reason, exitCode, address, until: block?.until, isFinding };
}
