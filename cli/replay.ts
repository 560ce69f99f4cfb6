import { once } from 'node:events';
import { EX, RiposteError } from '../active-response/errors.ts';
import { Replayer } from '../engine/replayer.ts';
import { readArguments } from './arguments.ts';
import { readLines } from './lines.ts';
import { openLog } from './replay/open-log.ts';
import { Progress } from './replay/progress.ts';
import { blockAsJson, describeBlock, summary, summaryAsJson } from './replay/report.ts';
import { RULESET_FLAGS, RULESET_HELP, RULESET_VALUES, rulesetOf } from './ruleset-arguments.ts';
import type { Verb } from './verb.ts';

/** The levels of alerts that Riposte's own ossec.conf.d answers. */
const DEFAULT_LEVEL = 10;

/** riposte replay: whom the rules would have blocked, had they seen these logs. */
export const replay: Verb = {
  summary: 'tell from old logs who would have been blocked',
  help: `riposte replay [options] LOG…      (plain or .gz; - is standard input)

  --level N          alerts of level N and higher block their source (default ${DEFAULT_LEVEL})
  --json             one object a line: each block, then the summary
${RULESET_HELP}`,

  async run(argv, io) {
    const given = readArguments(argv, {
      values: [...RULESET_VALUES, 'level'],
      flags: [...RULESET_FLAGS, 'json'],
    });
    if (given.rest.length === 0) throw new RiposteError(EX.USAGE, 'replay needs a log; - is standard input');
    const isJson = given.flag('json');
    const replayer = new Replayer(
      rulesetOf(given),
      levelOf(given.value('level')),
      Math.floor(Date.now() / 1000),
    );
    const progress = new Progress(io);
    const started = process.cpuUsage();
    for (const path of given.rest) {
      const log = openLog(path, io.stdin);
      for await (const lines of readLines(log.stream)) {
        let isWritten = true;
        for (const { text, cut } of lines) {
          const block = replayer.next(text, cut, log.name);
          if (!block) continue;
          progress.clear();
          isWritten = io.out(isJson ? JSON.stringify(blockAsJson(block)) : describeBlock(block));
        }
        progress.show(log, replayer.tally.lines);
        if (!isWritten) await once(io.stdout, 'drain');
      }
    }
    progress.clear();
    const { user, system } = process.cpuUsage(started);
    const { tally, blocks } = replayer;
    if (isJson) io.out(JSON.stringify({ summary: summaryAsJson(tally, blocks.size, user + system) }));
    else io.out(summary(tally, blocks.size, user + system));
    return EX.OK;
  },
};

function levelOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_LEVEL;
  const level = Number(text);
  if (/^\d{1,2}$/.test(text) && level > 0) return level;
  throw new RiposteError(EX.USAGE, `--level is a rule's level, 1 to 16, not '${text}'`);
}
