import { dirname, join } from 'node:path';
import { sweepAllowList } from '../../active-response/allow/sweep-allow-list.ts';
import type { Home } from '../../active-response/home.ts';
import type { Block } from '../../active-response/ledger.ts';
import { operatorContext } from '../../active-response/operator/operator-context.ts';
import { isBlock } from '../../active-response/record/outcome.ts';
import type { ResponseContext } from '../../active-response/request-context.ts';
import { responseNamed } from '../../active-response/response/responses.ts';
import { loadServerSettings } from '../../active-response/settings/server-settings.ts';
import { counted } from '../../base/counted.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import type { Io } from '../../base/io.ts';
import { printable } from '../../base/printable.ts';
import { type SingletonLock, withSingletonLock } from '../../base/singleton-lock.ts';
import { answerRules } from '../../evaluate/answers/answered.ts';
import { requireRules } from '../../evaluate/answers/require-rules.ts';
import { type EvaluatedLog, isErrorLog } from '../../evaluate/evaluated-log.ts';
import { formatRulesOf, logSettings } from '../../evaluate/format-rules.ts';
import { sourcesToRead } from '../../evaluate/logs-to-read.ts';
import { loadExceptions } from '../../evaluate/own-files.ts';
import { proxyRemark, sharedWarning } from '../../evaluate/proxy-remark.ts';
import { evaluatedLogs, formatsToRemember } from '../../evaluate/read-logs.ts';
import { robotProofs } from '../../evaluate/robots/robot-proofs-of.ts';
import { SourceGuard } from '../../evaluate/source-guard.ts';
import { type KnownFormats, writeKnownFormats } from '../../logs/formats/known-formats.ts';
import { Hearsay, REQUESTS_OF_WHOLE_LOGS } from '../../logs/hearsay.ts';
import { findLogs, requireLogs, requireMatches } from '../../logs/sources/find-logs.ts';
import { sendSoon } from '../../notify/enqueue-request.ts';
import { enforceCap } from '../../serve/scan/block-cap.ts';
import { durationsOf } from '../../serve/scan/durations.ts';
import { NetworkOffenders, offendersLedger } from '../../serve/scan/network-offenders.ts';
import { type Scanned, scanLog } from '../../serve/scan/scan-log.ts';
import { sweepAndReport } from '../../serve/scan/sweep-and-report.ts';
import type { Arguments } from '../arguments.ts';
import { FORMAT_OPTIONS, readingChoice } from '../options/formats.ts';
import { HOME_OPTION, homeOf } from '../options/home.ts';
import { LEVEL_OPTION, levelOf } from '../options/level.ts';
import { RESPONSE_NAMES } from '../options/response.ts';
import { ownRuleset, RULE_FILE_OPTIONS, warnOn } from '../options/ruleset.ts';
import { originOf } from '../origin.ts';
import { blockAsJson, describeBlock } from '../replay/report.ts';
import type { Verb } from '../verb.ts';

/** riposte scan: protects a server from cron, without a manager. */
export const scan: Verb = {
  summary: 'evaluate new log lines, block attackers, end expired blocks (for cron)',
  operands: '[LOG…]',
  options: {
    response: { value: RESPONSE_NAMES, text: 'the response that blocks (default firewall-drop)' },
    level: LEVEL_OPTION,
    simulate: {
      text: 'report the addresses that it would block, and block none; the next scan reads the same lines again',
    },
    quiet: { text: 'print nothing when there is no detection' },
    json: { text: 'one JSON object per line: each detection, then the summary' },
    ...FORMAT_OPTIONS,
    ...RULE_FILE_OPTIONS,
    ...HOME_OPTION,
  },
  notes:
    'Without LOG it reads LOGS of riposte.conf. It reads a log from the end of the last scan, also after a rotation; the first time, the whole log. Lines are evaluated by their own times; an alert that is older than a day (or than the first time of BLOCK_FOR) is only reported. A block lasts a day, a week for a severe rule or a repeated offence; for counted offences, such as a burst, ten minutes, then an hour, a day, a week. BLOCK_FOR and BLOCK_FOR_COUNTED change that.',
  examples: [
    ['riposte scan --quiet /var/log/apache2/access.log', 'for a line in /etc/cron.d, every five minutes'],
    ['riposte scan --simulate /var/log/apache2/access.log', 'show the addresses that it would block now'],
  ],

  async run(given, io) {
    const home = homeOf(given, io);
    if (given.flag('simulate')) return scanAll(given, home, io);
    return withSingletonLock(lockOf(home), () => scanAll(given, home, io));
  },
};

/** Two scans at once would act on the same lines. */
function lockOf(home: Home): SingletonLock {
  const file = join(dirname(home.journal), 'scan.lock');
  return { file, message: () => `another scan is running (its process id is in ${file})` };
}

async function scanAll(given: Arguments, home: Home, io: Io): Promise<number> {
  const response = responseNamed(given.value('response') ?? 'firewall-drop');
  const now = new Date();
  const context = operatorContext(response, home, io);
  const own = loadServerSettings(home.settings);
  const rules = formatRulesOf(
    readingChoice(given),
    logSettings(own, context),
    Math.floor(now.getTime() / 1000),
  );
  const found = findLogs(sourcesToRead(given.rest, own.logs));
  if (given.rest.length > 0) requireMatches(found);
  requireLogs(found);
  for (const problem of found.problems) io.err(`riposte: ${problem}\n`);
  const logs = evaluatedLogs(found.logs, rules, (message) => io.err(`riposte: ${message}\n`));
  const guard = new SourceGuard({ ...context, robots: robotProofs(own) });
  const ruleset = ownRuleset(given, home, warnOn(io));
  requireRules(own.answerRules, ruleset);
  const settings = {
    context,
    ruleset,
    level: levelOf(given.value('level')),
    guard,
    durations: durationsOf(context.settings, own),
    offenders: new NetworkOffenders(own.networkAfter, guard, offendersLedger(home, response.name)),
    simulates: given.flag('simulate'),
    now,
    evaluator: {
      trustsErrorLog: given.flag('trust-error-log') || own.trustErrorLog,
      sites: own.sites,
      shared: guard.shared,
      exceptions: loadExceptions(home, ruleset),
      robotProof: (client: string, userAgent: string) => guard.robots.standing(client, userAgent),
      ipv6Prefix: guard.ipv6Prefix,
      answerRules: answerRules(own.answerRules),
      hasErrorLog: logs.some(isErrorLog),
      hearsay: new Hearsay({ requests: REQUESTS_OF_WHOLE_LOGS }),
    },
  };
  const all: Scanned[] = [];
  let unreadable: RiposteError | undefined;
  for (const evaluated of logs) {
    const log = evaluated.location;
    const scanned = await scanLog(evaluated, settings).catch((error) => {
      if (!(error instanceof RiposteError) || error.exitCode === EX.CONFIG) throw error;
      unreadable = error; // continue with the other logs
      io.err(`riposte: ${error.message}\n`);
    });
    if (!scanned) continue;
    all.push(scanned);
    if (scanned.news.isLost)
      io.err(`riposte: ${log} was rotated since the last read; its unread part is lost\n`);
    if (!scanned.news.isThere) io.err(`riposte: there is no ${log} yet\n`);
    const { complaint, longLineRemark } = evaluated.reader ?? {};
    if (complaint !== undefined && scanned.unreadable > 0) io.err(`riposte: ${log}: ${complaint}\n`);
    if (longLineRemark !== undefined) io.err(`riposte: ${log}: ${longLineRemark}\n`);
    for (const { detection, word, reason } of scanned.handled) {
      const told = given.flag('json')
        ? JSON.stringify({ ...blockAsJson(detection), outcome: word, reason })
        : `${describeBlock(detection)}\n    ${word}: ${printable(reason)}`;
      io.out(told);
    }
  }
  if (!settings.simulates) rememberFormats(home, logs, rules.sources.known, now);
  if (!settings.simulates) await sweepAllowList(home, (text) => io.err(`riposte: ${text}\n`));
  const say = (text: string) => given.flag('json') || io.out(text);
  if (!settings.simulates)
    keepWithinCap(settings.context, own.maxBlocks, sweepAndReport(settings.context, say), say);
  if (!settings.simulates) sendSoon(home, io.env, io.program);
  const handled = all.flatMap((each) => each.handled);
  const remark = proxyRemark(handled.map(({ detection }) => detection.address)) ?? [];
  for (const each of [remark, guard.shared.takeFound().map(sharedWarning)].flat())
    io.err(`riposte: ${each}\n`);
  if (!given.flag('quiet') || handled.length > 0)
    io.out(summary(all, given.flag('json'), settings.simulates, io));
  return unreadable?.exitCode ?? handled.find(({ exitCode }) => exitCode !== EX.OK)?.exitCode ?? EX.OK;
}

function keepWithinCap(
  context: ResponseContext,
  most: number,
  blocks: readonly Block[],
  say: (text: string) => void,
): void {
  const { ended } = enforceCap(context, most, say, blocks);
  if (ended > 0)
    say(
      `Riposte's own blocks exceeded MAX_BLOCKS=${most}: Riposte ended ${counted(ended, 'block')} early, the least severe first`,
    );
}

/** Stores the detected formats for the next scan. */
function rememberFormats(home: Home, logs: readonly EvaluatedLog[], known: KnownFormats, now: Date): void {
  const formats = formatsToRemember(logs, known, now.toISOString());
  if (formats !== known) writeKnownFormats(home.data, formats);
}

function summary(all: readonly Scanned[], isJson: boolean, simulates: boolean, io: Io): string {
  const sum = (count: (scanned: Scanned) => number) => all.reduce((total, each) => total + count(each), 0);
  const total = {
    origin: originOf(io.env, io.isTerminal),
    logs: all.length,
    lines: sum(({ lines }) => lines),
    alerts: sum(({ alerts }) => alerts),
    unreadable: sum(({ unreadable }) => unreadable),
    withoutClient: sum(({ withoutClient }) => withoutClient),
    blocked: sum(({ handled }) => handled.filter(isBlock).length),
  };
  if (isJson) return JSON.stringify({ summary: total });
  const { origin, logs, lines, alerts, unreadable, withoutClient, blocked } = total;
  const oddities = [
    unreadable > 0 ? `; Riposte cannot read ${counted(unreadable, 'line')}` : '',
    withoutClient > 0 ? `; ${counted(withoutClient, 'request')} without a client that can be trusted` : '',
  ].join('');
  const wouldBe = sum(({ handled }) => handled.filter(({ word }) => word === 'simulated').length);
  const outcome = simulates ? `${wouldBe} would be blocked` : `${blocked} blocked`;
  return `scan from ${origin}: ${counted(lines, 'new line')} in ${counted(logs, 'log')}, evaluated by their own times${oddities}; ${counted(alerts, 'alert')}, ${outcome}`;
}
