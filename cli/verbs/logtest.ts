import { once } from 'node:events';
import { EX, RiposteError } from '../../base/errors.ts';
import type { Io } from '../../base/io.ts';
import { Engine } from '../../engine/engine.ts';
import type { Event } from '../../engine/event/event.ts';
import { readLines } from '../../logs/files/lines.ts';
import { asJson } from '../logtest/as-json.ts';
import { exitCodeOf, readExpectation } from '../logtest/expectation.ts';
import { phaseOne, phaseThree, phaseTwo, triedRule } from '../logtest/phases.ts';
import { homeOfOwnFiles } from '../options/home.ts';
import { originOfRules, RULESET_NOTES, RULESET_OPTIONS, rulesetOf, warnOn } from '../options/ruleset.ts';
import type { Verb } from '../verb.ts';

/** riposte logtest: shows the results of decoders and rules for each line, as ossec-logtest prints them. */
export const logtest: Verb = {
  summary: 'show how decoders and rules evaluate log lines',
  operands: '< LOG',
  options: {
    U: {
      value: 'RULE:LEVEL:DECODER',
      text: 'exit with 0 when the last line got all three, as ossec-logtest does',
    },
    json: { text: 'one JSON object per line instead of the three phases' },
    v: { text: 'name each rule that is tried' },
    q: { text: 'print no greeting' },
    each: { text: 'count each source separately, as replay does; else one source hides others, as in OSSEC' },
    ...RULESET_OPTIONS,
  },
  notes: RULESET_NOTES,
  examples: [['riposte logtest < line', 'show how decoders and rules evaluate the line in that file']],

  async run(given, io) {
    if (given.rest.length > 0)
      throw new RiposteError(EX.USAGE, `logtest reads its standard input, not ${given.rest[0]}`);
    const wanted = given.value('U');
    const expected = wanted === undefined ? undefined : readExpectation(wanted);
    const ruleset = rulesetOf(given, homeOfOwnFiles(given, io), warnOn(io));
    const origin = given.flag('q') ? undefined : originOfRules(given);
    if (origin) io.err(`riposte: ${origin}\n`);
    const countsEach = given.flag('each') || ruleset.dialect === 'wazuh';
    const engine = new Engine(ruleset, { counting: countsEach ? 'keyed' : 'shared', keepsFound: true });
    const printer = given.flag('json') ? printJson : printPhases;
    if (!given.flag('q') && !given.flag('json')) io.out('Type one log line at a time.\n');
    const tried: string[] = [];
    if (given.flag('v')) {
      engine.trace = (node, isMatch) => tried.push(...triedRule(node, isMatch));
    }
    let exitCode: number = EX.OK;
    for await (const lines of readLines(io.stdin)) {
      // ossec-logtest ignores lines of one character, too.
      for (const { text } of lines.filter((line) => line.text.length >= MIN_LENGTH)) {
        const event = engine.judge(text, Math.floor(Date.now() / 1000));
        await printer(io, event, tried.splice(0));
        if (expected) exitCode = exitCodeOf(expected, event);
        if (exitCode === NO_RULE) return exitCode;
      }
    }
    return exitCode;
  },
};

const MIN_LENGTH = 2;
/**
 * If -U is set, and no rule matches a line of the expected decoder, logtest ends at once with this exit code, as
 * ossec-logtest does.
 */
const NO_RULE = 255;

async function printPhases(io: Io, event: Event, tried: string[]): Promise<void> {
  const debugging = tried.length > 0 ? ['', '**Rule debugging:', ...tried] : [];
  const text = ['', '', ...phaseOne(event), '', ...phaseTwo(event), ...debugging, ...phaseThree(event)].join(
    '\n',
  );
  // Prints the bytes of the line unchanged, in any encoding, as ossec-logtest does.
  await print(io, Buffer.from(text, 'latin1'));
}

async function printJson(io: Io, event: Event): Promise<void> {
  await print(io, JSON.stringify(asJson(event)));
}

async function print(io: Io, text: string | Buffer): Promise<void> {
  if (!io.out(text)) await once(io.stdout, 'drain');
}
