import { existsSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DECODED_LINES } from './decoded-lines.ts';
import { OssecHome, type Verdict } from './ossec.ts';
import { RULE_FILES, readCases, readSequences } from './suite.ts';

/* All our test lines in the real ossec-logtest, with its stock rules: OSSEC_HOME=DIR names an installation
   (OSSEC_LOGTEST the tool, when it is not bin/ossec-logtest there). Without it these are skipped. */

const { OSSEC_HOME = '', OSSEC_LOGTEST = `${OSSEC_HOME}/bin/ossec-logtest` } = process.env;

/** Seconds that a sequence may last: the tool knows no time but the clock's. OSSEC_WAIT=600 runs all. */
const LONGEST_WAIT = Number(process.env.OSSEC_WAIT ?? 0);

const beside = (name: string, extension: string) => `rules/${name.replace(/\.xml$/, extension)}`;

const short = ({ rule, level }: Verdict) => (rule === '-' ? '-' : `${rule}:${level}`);

if (OSSEC_HOME) {
  const plain = new OssecHome(OSSEC_HOME, OSSEC_LOGTEST, { ours: 'without a proxy' });
  const behindProxy = new OssecHome(OSSEC_HOME, OSSEC_LOGTEST, { ours: 'behind a proxy' });

  test('loads our decoders and rules without a warning', async () => {
    for (const home of [plain, behindProxy]) assert.is(await home.check(), '');
  });

  test('gives the client as the source, never the proxy or the virtual host', async () => {
    for (const { what, line, decoder, srcip } of DECODED_LINES) {
      const [verdict] = await behindProxy.verdicts([{ at: 0, line }]);
      assert.equal([verdict?.decoder, verdict?.srcip], [decoder, srcip], what);
    }
    console.log(`  decoders: ${DECODED_LINES.length} lines`);
  });

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
        console.log(`  skipped, it needs a clock: ${title}`);
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
  console.log('skipped: our rules in a real ossec-logtest (OSSEC_HOME=/path)');
  test.skip('our test lines in a real ossec-logtest', () => {});
}

test.run();
