import type { Home } from '../../active-response/home.ts';
import { operatorContext } from '../../active-response/operator/operator-context.ts';
import { responseNamed } from '../../active-response/response/responses.ts';
import { loadCrowdsecSettings } from '../../active-response/settings/crowdsec-settings.ts';
import { loadServerSettings } from '../../active-response/settings/server-settings.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import type { Io } from '../../base/io.ts';
import { printable } from '../../base/printable.ts';
import { withSingletonLock } from '../../base/singleton-lock.ts';
import { feedLock, feedStart, startFeed } from '../../serve/crowdsec/feed-client.ts';
import { feedLines } from '../../serve/crowdsec/feed-lines.ts';
import { LAPI_HERE } from '../../serve/crowdsec/lapi.ts';
import { notifySystemd } from '../../serve/systemd.ts';
import type { Arguments } from '../arguments.ts';
import { HOME_OPTION, homeOf } from '../options/home.ts';
import { RESPONSE_NAMES } from '../options/response.ts';
import { demandRoot } from '../root.ts';
import type { Verb } from '../verb.ts';

/** riposte feed: carries out the decisions of another program. */
export const feed: Verb = {
  summary: 'carry out CrowdSec’s decisions, and report this host’s blocks to it',
  operands: 'crowdsec',
  options: {
    stdin: { text: 'read them from crowdsec-custom-bouncer, a JSON object a line, until the input ends' },
    response: { value: RESPONSE_NAMES, text: 'the response that blocks (default firewall-drop)' },
    'allow-empty': { text: 'accept a LAPI that lists no decision at the start' },
    ...HOME_OPTION,
  },
  notes: `It pulls from the LAPI at CROWDSEC_URL (default ${LAPI_HERE}) with the key in CROWDSEC_KEY_FILE, until SIGTERM or
Ctrl-C. riposte serve does the same beside its own work; use riposte feed on a host where a manager starts the scripts.
With CROWDSEC_MACHINE it also reports this host’s blocks. With --stdin it only carries out decisions.`,
  examples: [
    ['riposte feed crowdsec', 'pull from the LAPI, and report to it'],
    ['riposte feed crowdsec --stdin', 'as the program of crowdsec-custom-bouncer, with feed_via_stdin: true'],
  ],

  async run(given, io) {
    const [from, another] = given.rest;
    if (from !== 'crowdsec' || another !== undefined)
      throw new RiposteError(
        EX.USAGE,
        `feed takes the word crowdsec, not '${printable(given.rest.join(' '), 80)}'`,
      );
    demandRoot('feed');
    const home = homeOf(given, io);
    return withSingletonLock(feedLock(home), async () => {
      await (given.flag('stdin') ? fromStdin : fromLapi)(given, home, io);
      return EX.OK;
    });
  },
};

/** With --stdin, the feed ends when standard input ends: the bouncer then starts it again. */
function fromStdin(given: Arguments, home: Home, io: Io): Promise<void> {
  return feedLines(io.stdin, {
    context: operatorContext(responseNamed(responseOf(given)), home, io),
    settings: loadCrowdsecSettings(home.settings),
    most: loadServerSettings(home.settings).maxImported,
    say: sayer(io),
  });
}

const responseOf = (given: Arguments): string => given.value('response') ?? 'firewall-drop';

const sayer = (io: Io) => (text: string) => {
  io.out(printable(text, 2000));
};

async function fromLapi(given: Arguments, home: Home, io: Io): Promise<void> {
  const say = sayer(io);
  const start = feedStart(home, {
    response: responseOf(given),
    env: io.env,
    mayBeEmpty: given.flag('allow-empty'),
  });
  const stopped = new Promise<string>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  });
  say(`riposte feed pulls from ${start.url}`);
  const running = startFeed(io.program, start, say);
  await notifySystemd('--ready', io);
  say(`ended by ${await stopped}`);
  await notifySystemd('--stopping', io);
  await running.close();
}
