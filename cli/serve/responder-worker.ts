import { type MessagePort, workerData } from 'node:worker_threads';
import { RiposteError } from '../../active-response/errors.ts';
import { homeAt } from '../../active-response/home.ts';
import { responseNamed } from '../../active-response/response/responses.ts';
import { loadSettings } from '../../active-response/settings/load.ts';
import { sendSoon } from '../notify/tell-of.ts';
import { blockFound, withDurations } from '../scan/block-found.ts';
import type { Answer, Question, Said, Start } from './responder.ts';
import { SweepTimer } from './sweep-timer.ts';

/**
 * The thread that blocks. It waits for nft or ip, which may take their time; the thread that reads the logs must
 * not. Settings are read anew for each alert that comes alone, as a script would.
 */
export function respondInThread(port: MessagePort): void {
  const { home: root, response, env } = workerData as Start;
  const say = (said: string) => port.postMessage({ said } satisfies Said);
  const sweeps = new SweepTimer(homeAt(root), response, env, say);
  sweeps.start();
  port.on('message', async ({ id, found }: Question) => {
    const home = homeAt(root);
    try {
      const settings = loadSettings(home.settings, new Map());
      const place = { response: responseNamed(response), home, settings, env, dryRun: undefined };
      const { outcome, exitCode } = await blockFound(found, withDurations(place));
      if (outcome.block) sweeps.expect(outcome.block);
      sendSoon(home, env);
      port.postMessage({ id, word: outcome.word, reason: outcome.reason, exitCode } satisfies Answer);
    } catch (error) {
      if (!(error instanceof RiposteError)) throw error;
      port.postMessage({
        id,
        word: 'failed',
        reason: error.message,
        exitCode: error.exitCode,
      } satisfies Answer);
    }
  });
}
