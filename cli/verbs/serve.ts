import { resolve } from 'node:path';
import type { Home } from '../../active-response/home.ts';
import { operatorContext } from '../../active-response/operator/operator-context.ts';
import { responseNamed } from '../../active-response/response/responses.ts';
import { loadCrowdsecSettings } from '../../active-response/settings/crowdsec-settings.ts';
import { loadServerSettings } from '../../active-response/settings/server-settings.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import type { Io } from '../../base/io.ts';
import { printable } from '../../base/printable.ts';
import { type SingletonLock, withSingletonLock } from '../../base/singleton-lock.ts';
import { Daemon } from '../../daemon/daemon.ts';
import { answerRules } from '../../evaluate/answers/answered.ts';
import { requireRules } from '../../evaluate/answers/require-rules.ts';
import { formatRulesOf, logSettings } from '../../evaluate/format-rules.ts';
import { sourcesToRead } from '../../evaluate/logs-to-read.ts';
import { loadExceptions } from '../../evaluate/own-files.ts';
import { checkWrittenFormats, evaluatedLogs } from '../../evaluate/read-logs.ts';
import { robotProofs } from '../../evaluate/robots/robot-proofs-of.ts';
import { chosenFile } from '../../evaluate/rule-pack/chosen-pack.ts';
import { SourceGuard } from '../../evaluate/source-guard.ts';
import { forgetFormat, readKnownFormats, writeKnownFormats } from '../../logs/formats/known-formats.ts';
import { problemOfUnit } from '../../logs/journal/unit-journal.ts';
import { findLogs, requireLogs } from '../../logs/sources/find-logs.ts';
import { BlockWorkerClient } from '../../serve/block-worker-client.ts';
import { feedStart, startOnlyFeed } from '../../serve/crowdsec/feed-client.ts';
import { showStatus, stop } from '../../serve/running.ts';
import { durationsOf } from '../../serve/scan/durations.ts';
import { urgencyBy } from '../../serve/scan/urgency.ts';
import { Server } from '../../serve/server.ts';
import type { Service } from '../../serve/service.ts';
import { lockFile } from '../../serve/state.ts';
import { notifySystemd } from '../../serve/systemd.ts';
import type { Arguments } from '../arguments.ts';
import { FORMAT_OPTIONS, readingChoice } from '../options/formats.ts';
import { HOME_OPTION, homeOf } from '../options/home.ts';
import { LEVEL_OPTION, levelOf } from '../options/level.ts';
import { RESPONSE_NAMES } from '../options/response.ts';
import { ownRuleset, RULE_FILE_OPTIONS } from '../options/ruleset.ts';
import { originOf } from '../origin.ts';
import type { Verb } from '../verb.ts';

/** The longest line of the server's own log, in characters. */
const LONGEST = 2000;

/** riposte serve: protects one server, without a manager. */
export const serve: Verb = {
  summary: 'read logs as they grow and block attackers, without a manager',
  operands: '[LOG…]',
  isLasting: true,
  options: {
    response: { value: RESPONSE_NAMES, text: 'the response that blocks (default firewall-drop)' },
    level: LEVEL_OPTION,
    simulate: { text: 'report the addresses that it would block, and block none' },
    alerts: {
      value: 'FILE',
      text: 'also write each alert to FILE as a line of JSON, for OSSEC or Wazuh to read',
    },
    'no-block': { text: 'with --alerts: let the manager block' },
    crowdsec: {
      text: 'carry out CrowdSec’s decisions; if CROWDSEC_URL is not set, take them from http://127.0.0.1:8080',
    },
    'allow-empty': { text: 'with --crowdsec: accept a LAPI that lists no decision at the start' },
    status: { text: 'show the state of the running server' },
    json: { text: 'with --status: as JSON' },
    stop: { text: 'stop the running server' },
    'forget-format': { value: 'LOG', text: 'make the next server detect the format of this log again' },
    ...FORMAT_OPTIONS,
    ...RULE_FILE_OPTIONS,
    ...HOME_OPTION,
  },
  notes:
    'Without LOG it reads LOGS of riposte.conf. The first time it reads a log from its end, later from the place where the last server stopped. Lines from before the start count at their own times. A block lasts a day, a week for a severe rule or a repeated offence; for counted offences, such as a burst, ten minutes, then an hour, a day, a week. BLOCK_FOR and BLOCK_FOR_COUNTED change that. With HOOK_GROUP it also takes reports of ModSecurity’s hook, with METRICS_LISTEN it answers Prometheus; with CROWDSEC_URL or --crowdsec it carries out the decisions of CrowdSec, and with CROWDSEC_MACHINE it reports this host’s blocks there. SIGHUP reads the rules again; a change of etc/riposte.except, and rules of riposte rules update, are taken over at once.',
  examples: [
    [
      'riposte serve --simulate /var/log/apache2/access.log',
      'show the addresses that it would block, and block none',
    ],
    [
      'riposte serve --status',
      'show the logs that it reads, whether it keeps up, and the number of addresses that it has blocked',
    ],
  ],

  async run(given, io) {
    const home = homeOf(given, io);
    if (given.flag('status')) return showStatus(home, given.flag('json'), io);
    if (given.flag('stop')) return stop(home, io);
    const forgotten = given.value('forget-format');
    if (forgotten !== undefined) return forget(home, forgotten, io);
    const service = serviceOf(given, home, io);
    return withSingletonLock(lockOf(home), () =>
      runUntilStopped(new Server(service), service, given.flag('simulate'), io),
    );
  },
};

/**
 * @throws RiposteError (TEMPFAIL) while a server runs, because the server would write the format again; (USAGE) for an
 * unknown log
 */
function forget(home: Home, log: string, io: Io): number {
  return withSingletonLock(lockOf(home), () => {
    const name = log.startsWith('journal:') ? log : resolve(log);
    writeKnownFormats(home.data, forgetFormat(readKnownFormats(home.data), name));
    io.out(`${name}: the next server or scan detects its format again`);
    return EX.OK;
  });
}

function serviceOf(given: Arguments, home: Home, io: Io): Service {
  const response = responseNamed(given.value('response') ?? 'firewall-drop');
  const context = operatorContext(response, home, io);
  const own = loadServerSettings(home.settings);
  const rules = formatRulesOf(readingChoice(given), logSettings(own, context), Math.floor(Date.now() / 1000));
  const sources = sourcesToRead(given.rest, own.logs);
  const found = findLogs(sources);
  requireLogs(found);
  checkWrittenFormats(found.logs, rules);
  const alertsFile = given.value('alerts');
  if (given.flag('no-block') && alertsFile === undefined)
    throw new RiposteError(
      EX.USAGE,
      '--no-block is for --alerts FILE; to block nobody at all, use --simulate',
    );
  const blocks = !given.flag('simulate') && !given.flag('no-block');
  const start = { role: 'block-worker', home: home.root, response: response.name, env: io.env } as const;
  const say = sayer(io);
  return {
    home,
    sources,
    found,
    formats: rules.sources.known,
    // Read the web server's configuration again: a new log may belong to a site that the configuration did not contain
    // at the start.
    openLogs: (logs, known) => evaluatedLogs(logs, rules.renewed(known), say),
    problemOfJournal: (unit, { reader }) =>
      problemOfUnit(unit, reader?.format, context.settings.commandTimeout, io.env),
    trustsErrorLog: given.flag('trust-error-log') || own.trustErrorLog,
    sites: own.sites,
    guard: new SourceGuard({ ...context, robots: robotProofs(own) }),
    level: levelOf(given.value('level')),
    networkAfter: own.networkAfter,
    durations: durationsOf(context.settings, own),
    answerRules: answerRules(own.answerRules),
    response: response.name,
    startBlockWorker: blocks
      ? (handlers) =>
          new BlockWorkerClient({
            ...handlers,
            program: io.program,
            start,
            say,
            urgencyOf: urgencyBy(context),
          })
      : undefined,
    alertsFile: alertsFile && resolve(alertsFile),
    hook: own.hookGroup === '' ? undefined : { context, group: own.hookGroup, directory: own.hookDirectory },
    metrics:
      own.metricsListen === ''
        ? undefined
        : {
            listen: own.metricsListen,
            program: io.program,
            start: { role: 'metrics', home: home.root, env: io.env },
          },
    startFeed: blocks ? feedOf(given, home, io, say) : undefined,
    say,
    loadRules: () => {
      const ruleset = ownRuleset(given, home, say);
      requireRules(own.answerRules, ruleset);
      return ruleset;
    },
    rulesFile: chosenFile(home),
    loadExceptions: (ruleset) => loadExceptions(home, ruleset),
  };
}

/** The feed from CrowdSec; undefined when none is wanted. @throws RiposteError (CONFIG) for a wrong setting */
function feedOf(given: Arguments, home: Home, io: Io, say: (text: string) => void): Service['startFeed'] {
  const { crowdsecUrl } = loadCrowdsecSettings(home.settings);
  if (crowdsecUrl === '' && !given.flag('crowdsec')) return undefined;
  const start = feedStart(home, {
    response: given.value('response') ?? 'firewall-drop',
    env: io.env,
    mayBeEmpty: given.flag('allow-empty'),
  });
  return () => startOnlyFeed(io.program, home, start, say);
}

/** Prints on standard output. If that fails, as on a full disk, the server continues without output. */
function sayer({ out, stdout }: Io): (text: string) => void {
  stdout.removeAllListeners('error');
  stdout.on('error', () => {});
  return (text) => {
    try {
      out(printable(text, LONGEST));
    } catch {
      // Nothing is left to which the error could be reported.
    }
  };
}

/** Only one server may run for a home. */
function lockOf(home: Home): SingletonLock {
  const file = lockFile(home);
  return {
    file,
    message: () =>
      `another riposte serve is already running (its process id is in ${file}); see riposte serve --status`,
  };
}

async function runUntilStopped(
  server: Server,
  service: Service,
  simulates: boolean,
  io: Io,
): Promise<number> {
  const { found, say } = service;
  const stopped = new Promise<string>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  });
  const reload = () => server.reload();
  process.on('SIGHUP', reload);
  const start = server.start();
  start.catch(() => {}); // the error is handled below; without this line, Node would end the process first
  const daemon = await answerScripts(service, io);
  await Promise.race([start, stopped]).catch(async (error) => {
    // Open workers, such as the block worker, would keep this process from ending.
    await daemon?.close();
    await server.close();
    throw error;
  });
  const logs = found.logs.map(({ name }) => name).join(', ');
  const blocksNobody = simulates ? ', and blocks nobody (--simulate)' : '';
  say(`riposte serve, started from ${originOf(io.env, io.isTerminal)}, reads ${logs}${blocksNobody}`);
  await notifySystemd('--ready', io);
  say(`ended by ${await stopped}`);
  await notifySystemd('--stopping', io);
  await daemon?.close();
  await server.close();
  await start;
  process.off('SIGHUP', reload);
  return EX.OK;
}

/**
 * Answers scripts, too, unless `riposte respond` answers them or this server blocks nobody. If the server cannot answer
 * scripts, it still reads its logs.
 */
async function answerScripts({ startBlockWorker, home, say }: Service, { program }: Io) {
  if (!startBlockWorker) return undefined;
  try {
    return await Daemon.start(home, program, say);
  } catch (error) {
    if (!(error instanceof RiposteError)) throw error;
    const isAnsweredElsewhere = error.exitCode === EX.TEMPFAIL;
    if (!isAnsweredElsewhere)
      say(`riposte serve does not answer the scripts, so they do their work themselves: ${error.message}`);
    return undefined;
  }
}
