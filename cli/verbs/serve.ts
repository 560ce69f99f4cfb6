import { resolve } from 'node:path';
import { EX, RiposteError } from '../../active-response/errors.ts';
import type { Home } from '../../active-response/home.ts';
import { printable } from '../../active-response/printable.ts';
import { responseNamed } from '../../active-response/response/responses.ts';
import type { Arguments } from '../arguments.ts';
import { HOME_OPTION, homeOf } from '../home.ts';
import { LEVEL_OPTION, levelOf } from '../level.ts';
import { originOf } from '../origin.ts';
import { placeOf } from '../place.ts';
import { Resident } from '../resident/resident.ts';
import { ownRuleset, RULE_FILE_OPTIONS } from '../ruleset-arguments.ts';
import { withDurations } from '../scan/block-found.ts';
import { logsToRead } from '../scan/logs-to-read.ts';
import { onlyOne } from '../scan/only-one.ts';
import { Responder } from '../serve/responder.ts';
import { showStatus, stop } from '../serve/running.ts';
import { Server, type Service } from '../serve/server.ts';
import { lockFile } from '../serve/state.ts';
import { tellSystemd } from '../serve/systemd.ts';
import type { Io, Verb } from '../verb.ts';

/** How long a line of the server's own log may be, in characters. */
const LONGEST = 2000;

/** riposte serve: protection of one server, without a manager. */
export const serve: Verb = {
  summary: 'read logs as they grow and block whom the rules find, without a manager',
  operands: '[LOG…]',
  options: {
    response: { value: 'NAME', text: 'what blocks: firewall-drop (default), route-null or apache-deny' },
    level: LEVEL_OPTION,
    simulate: { text: 'say who would be blocked, and block nobody' },
    alerts: {
      value: 'FILE',
      text: 'also write each alert to FILE as a line of JSON, for OSSEC or Wazuh to read',
    },
    'no-block': { text: 'with --alerts: leave the blocking to the manager' },
    status: { text: 'what the server that runs is doing' },
    json: { text: 'with --status: as JSON' },
    stop: { text: 'end the server that runs' },
    ...RULE_FILE_OPTIONS,
    ...HOME_OPTION,
  },
  notes:
    'Without LOG: those of LOGS in riposte.conf. A log is read from its end the first time, and after that from where the last server stopped, by the lines’ own times up to the moment of the start. Blocks last as BLOCK_FOR says, else a day, and a week for severe rules and for who comes back. With HOOK_GROUP it also takes reports of ModSecurity’s hook, with METRICS_LISTEN it answers Prometheus. SIGHUP reads the rules again.',
  examples: [
    ['riposte serve --simulate /var/log/apache2/access.log', 'try it: block nobody'],
    ['riposte serve --status', 'which logs it reads, whether it keeps up, whom it has blocked'],
  ],

  async run(given, io) {
    const home = homeOf(given, io);
    if (given.flag('status')) return showStatus(home, given.flag('json'), io);
    if (given.flag('stop')) return stop(home, io);
    const service = serviceOf(given, home, io);
    const release = lockOf(home);
    try {
      return await runUntilStopped(new Server(service), service, io);
    } finally {
      release();
    }
  },
};

function serviceOf(given: Arguments, home: Home, io: Io): Service {
  const response = responseNamed(given.value('response') ?? 'firewall-drop');
  const place = withDurations(placeOf(response, home, io));
  const logs = logsToRead(given, place);
  const alertsFile = given.value('alerts');
  if (given.flag('no-block') && alertsFile === undefined)
    throw new RiposteError(EX.USAGE, '--no-block is for --alerts FILE; to block nobody at all, --simulate');
  const blocks = !given.flag('simulate') && !given.flag('no-block');
  const start = { role: 'responder', home: home.root, response: response.name, env: io.env } as const;
  const say = sayer(io);
  return {
    home,
    logs: logs.map((log) => resolve(log)),
    level: levelOf(given.value('level')),
    shortestBlock: place.settings.blockFor[0] ?? 0,
    response: response.name,
    responder: blocks ? (onAnswer) => new Responder(io.program, start, onAnswer, say) : undefined,
    alertsFile: alertsFile && resolve(alertsFile),
    hook: place.settings.hookGroup === '' ? undefined : place,
    metrics:
      place.settings.metricsListen === ''
        ? undefined
        : {
            listen: place.settings.metricsListen,
            program: io.program,
            start: { role: 'metrics', home: home.root, env: io.env },
          },
    say,
    loadRules: () => ownRuleset(given),
  };
}

/** Says things on standard output. When nobody takes them, as the disk is full, the server goes on without. */
function sayer({ out, stdout }: Io): (text: string) => void {
  stdout.removeAllListeners('error');
  stdout.on('error', () => {});
  return (text) => {
    try {
      out(printable(text, LONGEST));
    } catch {
      // There is nowhere left to say it.
    }
  };
}

/** @throws RiposteError (TEMPFAIL) while another server runs for this home */
function lockOf(home: Home): () => void {
  const file = lockFile(home);
  return onlyOne(file, `a server runs already (${file} says which); see riposte serve --status`);
}

async function runUntilStopped(server: Server, service: Service, io: Io): Promise<number> {
  const { logs, say } = service;
  const stopped = new Promise<string>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  });
  const reload = () => server.reload();
  process.on('SIGHUP', reload);
  const start = server.start();
  start.catch(() => {}); // else Node itself would tell of it, before it is looked at below
  const resident = await answerScripts(service, io);
  await Promise.race([start, stopped]).catch(async (error) => {
    // What it has begun, such as the thread that blocks, would keep this process from ending.
    await resident?.close();
    await server.close();
    throw error;
  });
  say(`riposte serve, started from ${originOf(io.env, io.isTerminal)}, reads ${logs.join(', ')}`);
  await tellSystemd('--ready', io);
  say(`ended by ${await stopped}`);
  await tellSystemd('--stopping', io);
  await resident?.close();
  await server.close();
  await start;
  process.off('SIGHUP', reload);
  return EX.OK;
}

/** Who blocks has the scripts blocked for as well, unless `riposte respond` does. What fails there keeps no log unread. */
async function answerScripts({ responder, home, say }: Service, { program }: Io) {
  if (!responder) return undefined;
  try {
    return await Resident.start(home, program, say);
  } catch (error) {
    if (!(error instanceof RiposteError)) throw error;
    say(`the scripts do their work themselves: ${error.message}`);
    return undefined;
  }
}
