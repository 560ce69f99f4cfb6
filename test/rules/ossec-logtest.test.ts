import { existsSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../engine/engine.ts';
import { sourcesOfHome } from '../../engine/ruleset/from-home.ts';
import { loadRuleset } from '../../engine/ruleset/ruleset.ts';
import { DECODED_LINES } from './decoded-lines.ts';
import { FORGED_LINES, PROXY, THIRD_PARTY } from './forged-lines.ts';
import { OssecHome, type Verdict } from './ossec.ts';
import { RULE_FILES, readCases, readSequences } from './suite.ts';

/* Runs all test lines of Riposte in the real ossec-logtest with its stock rules. OSSEC_HOME=DIR names an installation;
   OSSEC_LOGTEST names the tool when it is not bin/ossec-logtest there. The tests are skipped without OSSEC_HOME. */

const { OSSEC_HOME = '', OSSEC_LOGTEST = `${OSSEC_HOME}/bin/ossec-logtest` } = process.env;

/** Longer lines are skipped, because the tool reads only 6144 bytes of a line. */
const LONGEST_LINE = 6000;

/** The stock configuration starts a response for alerts from this level on. */
const STOCK_LEVEL = 7;

/** Seconds that a sequence may last: the tool uses the current time, so the test waits. OSSEC_WAIT=600 runs all. */
const LONGEST_WAIT = Number(process.env.OSSEC_WAIT ?? 0);

const beside = (name: string, extension: string) => `rules/${name.replace(/\.xml$/, extension)}`;

const short = ({ rule, level }: Verdict) => (rule === '-' ? '-' : `${rule}:${level}`);

if (OSSEC_HOME) {
  const plain = new OssecHome(OSSEC_HOME, OSSEC_LOGTEST, { ours: 'without a proxy' });
  const behindProxy = new OssecHome(OSSEC_HOME, OSSEC_LOGTEST, { ours: 'behind a proxy' });

  test('loads Riposte’s decoders and rules without a warning', async () => {
    for (const home of [plain, behindProxy]) assert.is(await home.check(), '');
  });

  test('gives the client as the source, never the proxy or the virtual host', async () => {
    const verdicts = await behindProxy.verdicts(DECODED_LINES.map(({ line }) => ({ at: 0, line })));
    for (const [i, { what, decoder, srcip }] of DECODED_LINES.entries())
      assert.equal([verdicts[i]?.decoder, verdicts[i]?.srcip], [decoder, srcip], what);
    console.log(`  decoders: ${DECODED_LINES.length} lines`);
  });

  for (const [home, isBehindProxy] of [
    [plain, false],
    [behindProxy, true],
  ] as const) {
    const where = isBehindProxy ? 'behind a proxy' : 'without a proxy';
    test(`attributes no forged line to another source, and the engine agrees, ${where}`, async () => {
      const lines = FORGED_LINES.filter(({ line }) => line.length < LONGEST_LINE);
      const verdicts = await home.verdicts(lines.map(({ line }) => ({ at: 0, line })));
      assert.is(verdicts.length, lines.length);
      const engine = new Engine(loadRuleset(sourcesOfHome(home.dir, 'ossec')), { counting: 'shared' });
      const wrong: string[] = [];
      for (const [i, { what, line, behindProxy: behind, withoutProxy }] of lines.entries()) {
        const { decoder, srcip, rule, level } = verdicts[i] as Verdict;
        const event = engine.decode(line, 1_795_166_986);
        const own = `${event.decoder?.name ?? '-'} ${event.srcip ?? '-'}`;
        const expected = isBehindProxy ? behind : withoutProxy;
        const isProxyAnswered = isBehindProxy && srcip === PROXY && Number(level) >= STOCK_LEVEL;
        const isRight =
          (expected === undefined || srcip === expected) && srcip !== THIRD_PARTY && !isProxyAnswered;
        if (!isRight || own !== `${decoder} ${srcip}`)
          wrong.push(
            `${what}: ${decoder} ${srcip} ${rule}:${level}, engine ${own}\n    ${line.slice(0, 300)}`,
          );
      }
      assert.equal(wrong, []);
      console.log(`  forged lines, ${where}: ${lines.length}`);
    });
  }

  for (const name of RULE_FILES) {
    const home = name.includes('behind_proxy') ? behindProxy : plain;
    test(`ossec-logtest agrees with ${beside(name, '.ini')}`, async () => {
      const wrong: string[] = [];
      const cases = readCases(beside(name, '.ini'));
      for (const { rule, level, decoder, line, pass } of cases) {
        if ((await home.passes(line, `${rule}:${level}:${decoder}`)) !== pass) wrong.push(`${rule}: ${line}`);
      }
      assert.equal(wrong, []);
      console.log(`  ${name}: ${cases.length} cases`);
    });

    if (!existsSync(beside(name, '.seq'))) continue;
    for (const { title, steps } of readSequences(beside(name, '.seq'))) {
      if (Math.max(...steps.map(({ at }) => at)) > LONGEST_WAIT) {
        console.log(`  skipped, takes too long: ${title}`);
        continue;
      }
      test(`ossec-logtest agrees with the sequence: ${title}`, async () => {
        const verdicts = await home.verdicts(steps);
        const got = verdicts.map((verdict, i) => (steps[i]?.verdict === '*' ? '*' : short(verdict)));
        assert.equal(
          got,
          steps.map(({ verdict }) => verdict),
        );
      });
    }
  }
  test.after(() => {
    plain.remove();
    behindProxy.remove();
  });
} else {
  console.log('skipped: the rules of Riposte in a real ossec-logtest (OSSEC_HOME=/path)');
  test.skip('the test lines of Riposte in a real ossec-logtest', () => {});
}

test.run();
