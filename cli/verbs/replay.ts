import { once } from 'node:events';
import { resolve } from 'node:path';
import { type Home, homeAt } from '../../active-response/home.ts';
import { loadServerSettings, type ServerSettings } from '../../active-response/settings/server-settings.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import type { Io } from '../../base/io.ts';
import { answerRules } from '../../evaluate/answers/answered.ts';
import { requireRules } from '../../evaluate/answers/require-rules.ts';
import type { Detection } from '../../evaluate/detection.ts';
import { isErrorLog, longestLine } from '../../evaluate/evaluated-log.ts';
import { formatRulesOf, type LogSettings } from '../../evaluate/format-rules.ts';
import { loadExceptions } from '../../evaluate/own-files.ts';
import { proxyRemark, sharedWarning } from '../../evaluate/proxy-remark.ts';
import { Replayer } from '../../evaluate/replayer.ts';
import { readLines } from '../../logs/files/lines.ts';
import { openLog } from '../../logs/files/open-log.ts';
import { Hearsay, REQUESTS_OF_WHOLE_LOGS } from '../../logs/hearsay.ts';
import { RAW } from '../../logs/readers/formats.ts';
import { findLogs, requireMatches } from '../../logs/sources/find-logs.ts';
import { parseLogSource } from '../../logs/sources/log-source.ts';
import type { Arguments } from '../arguments.ts';
import { FORMAT_OPTIONS, readingChoice } from '../options/formats.ts';
import { homeOfOwnFiles } from '../options/home.ts';
import { LEVEL_OPTION, levelOf } from '../options/level.ts';
import {
  isStandaloneHome,
  originOfRules,
  RULESET_NOTES,
  RULESET_OPTIONS,
  rulesetOf,
  warnOn,
} from '../options/ruleset.ts';
import { classTable, countsByClass } from '../replay/class-table.ts';
import { Progress } from '../replay/progress.ts';
import { replayGuard } from '../replay/replay-guard.ts';
import { type Operand, operandOf, type ReplayedLog, replayedLogs } from '../replay/replayed-logs.ts';
import { blockAsJson, describeBlock, objectionAsJson, summary, summaryAsJson } from '../replay/report.ts';
import { Visitors, visitorsText } from '../replay/visitors.ts';
import type { Verb } from '../verb.ts';

/** riposte replay: finds the addresses that the rules would have blocked by these logs. */
export const replay: Verb = {
  summary: 'show, from old logs, which sources would have been blocked',
  operands: 'LOG[=FORMAT]…',
  options: {
    level: LEVEL_OPTION,
    dns: {
      text: 'look up robots by DNS, as serve and scan do; without it, a robot is proved by ranges alone',
    },
    json: { text: 'one JSON object per line: each block, then the summary' },
    'as-user': {
      text: 'list the blocked sources that got more pages than they raised alerts: check these first',
    },
    ...FORMAT_OPTIONS,
    ...RULESET_OPTIONS,
  },
  notes: `A log is plain or compressed; - is standard input. ${RULESET_NOTES} With --ruleset, and with --home of a manager, the decoders of the ruleset read the lines, as in the manager, unless --format says otherwise. With --home of Riposte without a manager (/var/lib/riposte), replay uses LOG_FORMAT_…, TRUSTED_PROXIES, TRUST_ERROR_LOG and the formats that riposte serve has found, as serve does.`,
  examples: [
    [
      'riposte replay /var/log/apache2/access.log*',
      'show the sources that would have been blocked, when, and by which rule',
    ],
    ['riposte replay --format nginx-main --trusted-proxies cloudflare access.log', 'by X-Forwarded-For'],
    ['riposte replay --as-user access.log', 'show which blocked sources may be visitors: check these first'],
    [
      'riposte replay --home /var/lib/riposte /var/log/nginx/api.log=api',
      'read the log as riposte serve does there',
    ],
  ],

  async run(given, io) {
    if (given.rest.length === 0) throw new RiposteError(EX.USAGE, 'replay needs a log; - is standard input');
    const isJson = given.flag('json');
    const now = Math.floor(Date.now() / 1000);
    const ownHome = homeOfOwnFiles(given, io);
    const ruleset = rulesetOf(given, ownHome, warnOn(io));
    const origin = originOfRules(given);
    if (origin) io.err(`riposte: ${origin}\n`);
    const own = ownSettings(given);
    if (own) requireRules(own.settings.answerRules, ruleset);
    const guard = replayGuard(given, io);
    const logs = await logsOf(given, own, io, now);
    const replayer = new Replayer(ruleset, levelOf(given.value('level')), now, {
      // A manager acts on every address that its decoders find, so a test of a manager's rules trusts the error log.
      trustsErrorLog:
        given.flag('trust-error-log') || own?.settings.trustErrorLog === true || isManagers(given, own),
      sites: own?.settings.sites,
      shared: guard.shared,
      exceptions: ownHome && loadExceptions(ownHome, ruleset),
      robotProof: (client, userAgent) => guard.robots.standing(client, userAgent),
      ipv6Prefix: guard.ipv6Prefix,
      answerRules: answerRules(own?.settings.answerRules ?? []),
      hasErrorLog: logs.some(({ evaluated }) => isErrorLog(evaluated)),
      hearsay: new Hearsay({ requests: REQUESTS_OF_WHOLE_LOGS }),
    });
    const visitors = given.flag('as-user') ? new Visitors() : undefined;
    if (visitors) replayer.onEvent = (event, source) => visitors.note(event, source);
    const progress = new Progress(io);
    let notBlocked = 0;
    const started = process.cpuUsage();
    for (const { open, evaluated } of logs) {
      const log = open();
      for await (const lines of readLines(log.stream, longestLine(evaluated))) {
        let isWritten = true;
        const found: Detection[] = [];
        for (const { text, cut } of lines) {
          const block = replayer.next(text, cut, evaluated);
          if (block) found.push(block);
        }
        const hold = await Promise.all(found.map((block) => guard.holds(block)));
        for (const block of found.filter((_, index) => hold[index])) {
          const objection = guard.objection(block);
          // Do not note a proved robot as blocked: an exploit that it sends later must be noted.
          if (objection?.isRobot ? !guard.robots.isNews(block.address) : !replayer.confirm(block)) continue;
          if (objection && !objection.isRobot) notBlocked++;
          progress.clear();
          isWritten = io.out(
            isJson
              ? JSON.stringify({ ...blockAsJson(block), ...objectionAsJson(objection) })
              : describeBlock(block, objection),
          );
        }
        progress.show(log, replayer.tally.lines);
        if (!isWritten) await once(io.stdout, 'drain');
      }
      replayer.finish(evaluated);
    }
    progress.clear();
    const { user, system } = process.cpuUsage(started);
    const { tally, blocks } = replayer;
    const blocked = blocks.size - notBlocked;
    const readers = logs.map(({ evaluated }) => evaluated);
    const remarks = [
      proxyRemark([...blocks.values()].map(({ address }) => address)) ?? [],
      guard.shared.takeFound().map(sharedWarning),
    ].flat();
    const classes = countsByClass(blocks.values(), tally.byRule);
    const found = visitors?.amongBlocked(blocks);
    if (isJson) {
      const told = summaryAsJson(tally, blocked, user + system, readers);
      io.out(JSON.stringify({ summary: { ...told, byClass: classes, asUser: found } }));
      return EX.OK;
    }
    if (found) for (const line of visitorsText(found)) io.out(line);
    if (classes.length > 0) io.out(classTable(classes));
    io.out(summary(tally, blocked, user + system, readers, remarks));
    return EX.OK;
  },
};

/** A home of Riposte without a manager, and its riposte.conf. */
interface OwnSettings {
  readonly home: Home;
  readonly settings: ServerSettings;
}

/** @throws RiposteError (USAGE) for a directory that is not a home, (CONFIG) for a wrong line of riposte.conf */
function ownSettings(given: Arguments): OwnSettings | undefined {
  const directory = given.value('home');
  if (directory === undefined || !isStandaloneHome(directory)) return undefined;
  const home = homeAt(resolve(directory));
  return { home, settings: loadServerSettings(home.settings) };
}

/** True when a manager's rules are tested with its own decoders. */
const isManagers = (given: Arguments, own: OwnSettings | undefined): boolean =>
  (given.value('home') !== undefined && own === undefined) || given.value('ruleset') !== undefined;

function logsOf(given: Arguments, own: OwnSettings | undefined, io: Io, now: number): Promise<ReplayedLog[]> {
  const settings: LogSettings = {
    trustedProxies: own?.settings.trustedProxies ?? [],
    home: own?.home,
    commandTimeout: undefined,
  };
  const rules = formatRulesOf(readingChoice(given), settings, now, isManagers(given, own) ? RAW : undefined);
  return replayedLogs(operandsOf(given, io), rules);
}

/** @throws RiposteError (CONFIG) when an operand is not a log, and for a pattern without a match */
function operandsOf({ rest }: Arguments, io: Io): Operand[] {
  const found = findLogs(
    rest.filter((each) => each !== '-').map((text) => parseLogSource(text, process.cwd())),
  );
  requireMatches(found);
  for (const problem of found.problems) io.err(`riposte: ${problem}\n`);
  const logs = found.logs.map((log) => operandOf(log, io));
  return rest.includes('-') ? [...logs, { name: 'stdin', open: () => openLog('-', io.stdin) }] : logs;
}
