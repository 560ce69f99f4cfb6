import { join } from 'node:path';
import type { Home } from '../../active-response/home.ts';
import { loadCrowdsecSettings } from '../../active-response/settings/crowdsec-settings.ts';
import { makeDirectory } from '../../base/files.ts';
import { holderOf, tryLock } from '../../base/lock.ts';
import type { SingletonLock } from '../../base/singleton-lock.ts';
import { WorkerSupervisor } from '../../base/worker-supervisor.ts';
import type { FeedLine, FeedStart } from './feed-thread.ts';
import { LAPI_HERE } from './lapi.ts';

/** Pauses before a restart after crashes in a row, in milliseconds. */
const PAUSES = [1_000, 5_000, 60_000];

/**
 * Makes the thread collect garbage earlier. A list of 100,000 decisions needs about 150 MB; a list of a million needs
 * ten times as much.
 */
const MEMORY = { maxOldGenerationSizeMb: 2048, maxYoungGenerationSizeMb: 16 };

/** A LAPI sends each change only once for each key, so only one process may pull for a home. */
export const feedLock = ({ data }: Home): SingletonLock => ({
  file: join(data, 'crowdsec.lock'),
  message: (holder) => `process ${holder} (riposte serve or riposte feed) already pulls from CrowdSec`,
});

/** The start data of a feed. @throws RiposteError (CONFIG) for a wrong setting */
export function feedStart(home: Home, how: Pick<FeedStart, 'response' | 'env' | 'mayBeEmpty'>): FeedStart {
  const { crowdsecUrl } = loadCrowdsecSettings(home.settings);
  return { role: 'crowdsec', home: home.root, url: crowdsecUrl || LAPI_HERE, ...how };
}

/** A running feed. */
export interface RunningFeed {
  close(): Promise<void>;
}

/** Starts a feed in a thread of its own. The caller holds the lock of feeds. */
export function startFeed(program: string, start: FeedStart, say: (text: string) => void): RunningFeed {
  const worker = new WorkerSupervisor<never, FeedLine>({
    name: 'the feed from CrowdSec',
    program,
    options: { workerData: start, resourceLimits: MEMORY },
    pauses: PAUSES,
    onMessage: ({ said }) => {
      worker.answered();
      say(said);
    },
    onCrash: say,
  });
  worker.start();
  return { close: () => worker.stop() };
}

/**
 * Starts the feed of a server. If another process pulls for this home, reports that and starts no feed.
 *
 * @returns undefined when no feed was started
 */
export function startOnlyFeed(
  program: string,
  home: Home,
  start: FeedStart,
  say: (text: string) => void,
): RunningFeed | undefined {
  const { file, message } = feedLock(home);
  makeDirectory(home.data, 0o755);
  const release = tryLock(file);
  if (!release) {
    say(`CrowdSec: ${message(holderOf(file) ?? 'unknown')}`);
    return undefined;
  }
  const feed = startFeed(program, start, say);
  return { close: () => feed.close().finally(release) };
}
