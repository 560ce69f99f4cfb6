import { type MessagePort, workerData } from 'node:worker_threads';
import { homeAt } from '../../active-response/home.ts';
import { responseNamed } from '../../active-response/response/responses.ts';
import { loadCrowdsecSettings } from '../../active-response/settings/crowdsec-settings.ts';
import { loadAllSettings } from '../../active-response/settings/server-settings.ts';
import { nameThread } from '../../base/files.ts';
import { Feed } from './feed.ts';

/** Start data of the thread of the feed. */
export interface FeedStart {
  readonly role: 'crowdsec';
  /** The home's root. */
  readonly home: string;
  readonly response: string;
  readonly env: NodeJS.ProcessEnv;
  readonly url: string;
  readonly mayBeEmpty: boolean;
}

/** A line for the server's log. */
export interface FeedLine {
  readonly said: string;
}

/** Runs the feed in a thread of its own: a list of 100,000 decisions must not delay the logs. */
export async function feedInThread(port: MessagePort): Promise<void> {
  nameThread('crowdsec');
  const { home: root, response, env, url, mayBeEmpty } = workerData as FeedStart;
  const home = homeAt(root);
  const say = (said: string) => port.postMessage({ said } satisfies FeedLine);
  const ignore = (message: string) => say(`${message}: ignored`);
  const settings = loadAllSettings(home.settings, ignore);
  const feed = new Feed({
    context: { response: responseNamed(response), home, settings, env, dryRun: undefined },
    settings: { ...loadCrowdsecSettings(home.settings, ignore), crowdsecUrl: url },
    most: settings.maxImported,
    mayBeEmpty,
    say,
  });
  await feed.run(new AbortController().signal);
}
