import type { Home } from '../../active-response/home.ts';
import { loadServerSettings } from '../../active-response/settings/server-settings.ts';
import { utf8 } from '../../base/bytes.ts';
import { counted } from '../../base/counted.ts';
import { EX, type ExitCode, RiposteError } from '../../base/errors.ts';
import type { Io } from '../../base/io.ts';
import { printable } from '../../base/printable.ts';
import { answerRules } from '../../evaluate/answers/answered.ts';
import type { Detection } from '../../evaluate/detection.ts';
import { formatRulesOf, type LogSettings } from '../../evaluate/format-rules.ts';
import { exceptionsFile, loadExceptions } from '../../evaluate/own-files.ts';
import type { FormatRules } from '../../evaluate/read-logs.ts';
import { exceptionsFor } from '../../judgement/exceptions/candidates.ts';
import type { Exceptions } from '../../judgement/exceptions/exceptions.ts';
import { Hearsay, REQUESTS_OF_WHOLE_LOGS } from '../../logs/hearsay.ts';
import type { AccessRecord, ErrorRecord } from '../../logs/readers/reading.ts';
import { parseLogSource } from '../../logs/sources/log-source.ts';
import type { Arguments } from '../arguments.ts';
import { asksYes } from '../ask.ts';
import { answerTo, type LoggedLine, type Rules } from '../except/answer.ts';
import { letThrough, type Replayed, replayAll } from '../except/compare.ts';
import { logOfLine, logsThatExist } from '../except/logs-to-compare.ts';
import { writeException } from '../except/write.ts';
import { FORMAT_OPTIONS, readingChoice } from '../options/formats.ts';
import { HOME_OPTION, homeOf } from '../options/home.ts';
import { LEVEL_OPTION, levelOf } from '../options/level.ts';
import { DRY_RUN_OPTION } from '../options/reason.ts';
import { ownRuleset, RULE_FILE_OPTIONS, warnOn } from '../options/ruleset.ts';
import { replayGuard } from '../replay/replay-guard.ts';
import { type Operand, type ReplayedLog, replayedLogs } from '../replay/replayed-logs.ts';
import { describeBlock } from '../replay/report.ts';
import { demandRoot } from '../root.ts';
import type { Verb } from '../verb.ts';

/** The maximum number of lines of one source to judge again for each proposal. */
const MOST_LINES = 50_000;
/** The maximum number of sources to show. */
const MOST_SHOWN = 10;

/** riposte except: proposes an exception with which a line is not answered, shows its effect, and writes it. */
export const except: Verb = {
  summary: 'propose an exception for a log line that was answered, and write it',
  operands: 'LINE',
  options: {
    log: { value: 'FILE', text: 'a log to compare, with =FORMAT if needed (default: LOGS); may be repeated' },
    yes: { text: 'write the exception without asking' },
    'dry-run': DRY_RUN_OPTION,
    level: LEVEL_OPTION,
    ...FORMAT_OPTIONS,
    ...RULE_FILE_OPTIONS,
    ...HOME_OPTION,
  },
  notes:
    'LINE is a line of a log, as riposte history shows it. If several requests of its source were answered together, the logs must contain the other requests. Exceptions are in etc/riposte.except; riposte serve applies a change at once. Without a terminal and without --yes, it only proposes.',
  examples: [
    [
      'riposte except \'203.0.113.9 - - [20/Nov/2026:09:00:00 +0000] "GET /gallery/a HTTP/1.1" 404 …\'',
      'propose',
    ],
    ['riposte except --log /var/log/nginx/access.log --yes "$LINE"', 'compare one log, and write'],
  ],

  async run(given, io) {
    const [line, ...more] = given.rest;
    if (line === undefined || more.length > 0)
      throw new RiposteError(EX.USAGE, 'except needs one LINE of a log, in quotes');
    if (given.flag('yes') && !given.flag('dry-run')) demandRoot('except');
    return proposal(Buffer.from(line).toString('latin1'), given, homeOf(given, io), io);
  },
};

async function proposal(line: string, given: Arguments, home: Home, io: Io): Promise<ExitCode> {
  const guard = replayGuard(given, io);
  const session = sessionOf(given, home, guard.ipv6Prefix, io);
  const logs = await session.open();
  const at = placeOf(line, logs, session.formats);
  const { client } = at.record;
  if (client === undefined)
    throw new RiposteError(EX.DATAERR, `the line has no client that can be trusted, so nothing answers it`);
  const own: LoggedLine[] = [];
  const before = await replayAll(logs, session.rules, guard, io, (read, index) => {
    const { text } = read;
    const log = logs[index]?.evaluated;
    if (log && own.length < MOST_LINES && text.includes(client)) own.push({ ...read, log });
  });
  const asked: LoggedLine = { text: line, cut: 0, log: at.log };
  const alone = answerTo([asked], client, session.rules);
  const together = own.some(({ text }) => text === line) ? own : [...own, asked];
  const answer = alone ?? answerTo(together, client, session.rules);
  if (!answer) {
    io.out(`nothing answers this line${logs.length === 0 ? ' alone; name its log with --log' : ''}`);
    return EX.OK;
  }
  io.out(`answered: ${describeBlock(answer)}`);
  const candidates = exceptionsFor(at.record, answer.rule, alone !== undefined);
  const lines = alone ? [asked] : together;
  const isEnough = (candidate: string) =>
    answerTo(lines, client, session.with(candidate))?.rule !== answer.rule;
  const chosen = candidates.find(isEnough);
  if (chosen === undefined) return sayNone(candidates, client, io);
  io.out(`exception: ${chosen}`);
  // A new guard, because the first guard has already counted the sources of these logs.
  const after = await replayAll(await session.open(), session.with(chosen), replayGuard(given, io), io);
  sayEffect(before, after, logs.length, client, io);
  return write(chosen, answer, given, home, io);
}

/** Everything that judging lines requires. */
interface Session {
  readonly rules: Rules;
  readonly formats: FormatRules;
  /** The same rules with one more exception. */
  with(exception: string): Rules;
  /** Opens the logs anew for each replay, because a reader keeps the state of its earlier lines. */
  open(): Promise<ReplayedLog[]>;
}

/** @throws RiposteError (CONFIG) for wrong settings, rules or exceptions */
function sessionOf(given: Arguments, home: Home, ipv6Prefix: number, io: Io): Session {
  const own = loadServerSettings(home.settings);
  const now = Math.floor(Date.now() / 1000);
  const settings: LogSettings = { trustedProxies: own.trustedProxies, home, commandTimeout: undefined };
  const formats = formatRulesOf(readingChoice(given), settings, now);
  const operands = operandsOf(given, own.logs, io);
  const ruleset = ownRuleset(given, home, warnOn(io));
  const evaluator = {
    trustsErrorLog: given.flag('trust-error-log') || own.trustErrorLog,
    hasErrorLog: true,
    sites: own.sites,
    ipv6Prefix,
    answerRules: answerRules(own.answerRules),
  };
  const rulesWith = (exceptions: Exceptions): Rules => ({
    ruleset,
    level: levelOf(given.value('level')),
    now,
    get evaluator() {
      return { ...evaluator, exceptions, hearsay: new Hearsay({ requests: REQUESTS_OF_WHOLE_LOGS }) };
    },
  });
  return {
    rules: rulesWith(loadExceptions(home, ruleset)),
    formats,
    with: (exception) => rulesWith(loadExceptions(home, ruleset, exception)),
    open: () => replayedLogs(operands, formats),
  };
}

function operandsOf(given: Arguments, configured: readonly string[], io: Io): Operand[] {
  const named = given.all('log');
  const sources =
    named.length > 0
      ? named.map((text) => parseLogSource(text, process.cwd()))
      : configured.map((text) => parseLogSource(text));
  return logsThatExist(sources, io);
}

interface Place {
  readonly log: LoggedLine['log'];
  readonly record: AccessRecord | ErrorRecord;
}

/** The first log whose reader can read the line. @throws RiposteError (DATAERR) if none can */
function placeOf(line: string, logs: readonly ReplayedLog[], formats: FormatRules): Place {
  for (const log of [...logs.map(({ evaluated }) => evaluated), logOfLine(line, formats)]) {
    const record = log.reader?.read(line);
    if (record?.kind === 'access' || record?.kind === 'error') return { log, record };
  }
  throw new RiposteError(
    EX.DATAERR,
    'the line is in none of the formats of these logs; name its log with --log, or its format with --format',
  );
}

function sayNone(candidates: readonly string[], client: string, io: Io): ExitCode {
  const tried =
    candidates.length === 0 ? '' : `; tried ${candidates.map((each) => printable(each)).join('; ')}`;
  io.out(
    `no exception for this request alone prevents the block${tried}. Riposte also answers other requests of its source: see riposte replay, or allow ${client}`,
  );
  return EX.OK;
}

function sayEffect(before: Replayed, after: Replayed, logs: number, client: string, io: Io): void {
  if (logs === 0) {
    io.out('there are no logs for a comparison: set LOGS in riposte.conf, or name one with --log');
    return;
  }
  const others = letThrough(before, after);
  const count = `${others.length} of ${before.blocks.size}`;
  io.out(
    `in ${counted(logs, 'log')} with ${counted(before.lines, 'line')}, the exception lets ${count} blocked sources through${others.length > 0 ? ':' : ''}`,
  );
  for (const each of others.slice(0, MOST_SHOWN))
    io.out(`${describeBlock(each)}${each.address === client ? '\n    (the source of this line)' : ''}`);
  if (others.length > MOST_SHOWN) io.out(`and ${others.length - MOST_SHOWN} more`);
}

async function write(
  exception: string,
  { address, time }: Detection,
  given: Arguments,
  home: Home,
  io: Io,
): Promise<ExitCode> {
  const file = exceptionsFile(home);
  if (given.flag('dry-run')) {
    io.out(`dry run: riposte except would write the exception to ${file}`);
    return EX.OK;
  }
  if (!given.flag('yes') && !(await asksYes(`Write the exception to ${file}?`, io))) {
    io.out('the exception was not written; --yes writes it without asking');
    return EX.OK;
  }
  demandRoot('except');
  const day = new Date(time * 1000).toISOString().slice(0, 10);
  const isNew = writeException(home, exception, `for a line of ${utf8(address)}, ${day}`);
  io.out(
    `${file}: ${isNew ? 'written' : 'has this exception already'}. To unblock the source: riposte unblock ${utf8(address)}`,
  );
  return EX.OK;
}
