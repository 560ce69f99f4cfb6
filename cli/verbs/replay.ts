import { once } from 'node:events';
import { EX, RiposteError } from '../../active-response/errors.ts';
import { Replayer } from '../../engine/replayer.ts';
import { LEVEL_OPTION, levelOf } from '../level.ts';
import { readLines } from '../lines.ts';
import { openLog } from '../replay/open-log.ts';
import { Progress } from '../replay/progress.ts';
import { blockAsJson, describeBlock, summary, summaryAsJson } from '../replay/report.ts';
import { RULESET_NOTES, RULESET_OPTIONS, rulesetOf } from '../ruleset-arguments.ts';
import type { Verb } from '../verb.ts';

/** riposte replay: whom the rules would have blocked, had they seen these logs. */
export const replay: Verb = {
  summary: 'tell from old logs who would have been blocked',
  operands: 'LOG…',
  options: {
    level: LEVEL_OPTION,
    json: { text: 'one object a line: each block, then the summary' },
    ...RULESET_OPTIONS,
  },
  notes: `A log is plain or .gz; - is standard input. ${RULESET_NOTES}`,
  examples: [
    ['riposte replay /var/log/apache2/access.log*', 'who would have been blocked, when, by which rule'],
  ],

  async run(given, io) {
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
