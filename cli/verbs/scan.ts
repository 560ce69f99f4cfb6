import { dirname, join, resolve } from 'node:path';
import { EX, RiposteError } from '../../active-response/errors.ts';
import type { Home } from '../../active-response/home.ts';
import { printable } from '../../active-response/printable.ts';
import { responseNamed } from '../../active-response/response/responses.ts';
import type { Arguments } from '../arguments.ts';
import { HOME_OPTION, homeOf } from '../home.ts';
import { LEVEL_OPTION, levelOf } from '../level.ts';
import { sendSoon } from '../notify/tell-of.ts';
import { originOf } from '../origin.ts';
import { placeOf } from '../place.ts';
import { blockAsJson, describeBlock } from '../replay/report.ts';
import { ownRuleset, RULE_FILE_OPTIONS } from '../ruleset-arguments.ts';
import { withDurations } from '../scan/block-found.ts';
import { logsToRead } from '../scan/logs-to-read.ts';
import { onlyOne } from '../scan/only-one.ts';
import { type Scanned, scanLog } from '../scan/scan-log.ts';
import { sweepAndSay } from '../scan/sweep-and-say.ts';
import type { Io, Verb } from '../verb.ts';

/** riposte scan: protection by cron, without a manager. */
export const scan: Verb = {
  summary: 'judge what is new in logs, block whom the rules find, end what is over (for cron)',
  operands: '[LOG…]',
  options: {
    response: { value: 'NAME', text: 'what blocks: firewall-drop (default), route-null or apache-deny' },
    level: LEVEL_OPTION,
    simulate: {
      text: 'say who would be blocked, and block nobody; the next scan reads the same lines again',
    },
    quiet: { text: 'say nothing when the rules found nobody' },
    json: { text: 'one object a line: each whom the rules found, then the summary' },
    ...RULE_FILE_OPTIONS,
    ...HOME_OPTION,
  },
  notes:
    'Without LOG: those of LOGS in riposte.conf. A log is read from where the last scan ended, also when it was rotated since; the first time as a whole. Lines are judged by their own times; an alert that is older than its block would last is told, and not acted on. Blocks last as BLOCK_FOR says, else a day, and a week for severe rules and for who comes back.',
  examples: [
    ['riposte scan --quiet /var/log/apache2/access.log', 'for a line in /etc/cron.d, every five minutes'],
    ['riposte scan --simulate /var/log/apache2/access.log', 'who would be blocked now'],
  ],

  async run(given, io) {
    const home = homeOf(given, io);
    if (given.flag('simulate')) return scanAll(given, home, io);
    const release = lockOf(home);
    try {
      return await scanAll(given, home, io);
    } finally {
      release();
    }
  },
};

/** @throws RiposteError (TEMPFAIL) while another scan runs: both would answer the same lines */
function lockOf(home: Home): () => void {
  const file = join(dirname(home.journal), 'scan.lock');
  return onlyOne(file, `another scan is running (${file} says which)`);
}

async function scanAll(given: Arguments, home: Home, io: Io): Promise<number> {
  const response = responseNamed(given.value('response') ?? 'firewall-drop');
  const settings = {
    place: withDurations(placeOf(response, home, io)),
    ruleset: ownRuleset(given),
    level: levelOf(given.value('level')),
    simulates: given.flag('simulate'),
    now: new Date(),
  };
  const all: Scanned[] = [];
  let unreadable: RiposteError | undefined;
  const logs = logsToRead(given, settings.place);
  for (const log of logs.map((path) => resolve(path))) {
    const scanned = await scanLog(log, settings).catch((error) => {
      if (!(error instanceof RiposteError) || error.exitCode === EX.CONFIG) throw error;
      unreadable = error; // one of them leaves no other unread
      io.err(`riposte: ${error.message}\n`);
    });
    if (!scanned) continue;
    all.push(scanned);
    if (scanned.unread.isLost)
      io.err(`riposte: ${log} was rotated, and what it was when it was last read is gone\n`);
    if (scanned.unread.end === undefined) io.err(`riposte: there is no ${log} yet\n`);
    for (const { found, word, reason } of scanned.answers) {
      const told = given.flag('json')
        ? JSON.stringify({ ...blockAsJson(found), outcome: word, reason })
        : `${describeBlock(found)}\n    ${word}: ${printable(reason)}`;
      io.out(told);
    }
  }
  if (!settings.simulates) sweepAndSay(settings.place, (text) => given.flag('json') || io.out(text));
  if (!settings.simulates) sendSoon(home, io.env, io.program);
  const answers = all.flatMap((each) => each.answers);
  if (!given.flag('quiet') || answers.length > 0) io.out(summary(all, given.flag('json'), io));
  return unreadable?.exitCode ?? answers.find(({ exitCode }) => exitCode !== EX.OK)?.exitCode ?? EX.OK;
}

function summary(all: readonly Scanned[], isJson: boolean, io: Io): string {
  const sum = (count: (scanned: Scanned) => number) => all.reduce((total, each) => total + count(each), 0);
  const total = {
    origin: originOf(io.env, io.isTerminal),
    logs: all.length,
    lines: sum(({ lines }) => lines),
    alerts: sum(({ alerts }) => alerts),
    blocked: sum(({ answers }) => answers.filter(({ word }) => word === 'blocked').length),
  };
  if (isJson) return JSON.stringify({ summary: total });
  const { origin, logs, lines, alerts, blocked } = total;
  return `scan from ${origin}: ${lines} new lines in ${logs} ${logs === 1 ? 'log' : 'logs'}, by their own time; ${alerts} alerts, ${blocked} blocked`;
}
