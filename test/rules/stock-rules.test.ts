import { readdirSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { OssecHome } from './ossec.ts';
import { readCases } from './suite.ts';

/* Rules that users have added below stock rules must still work. The tests give every line of OSSEC's own tests to the
   real ossec-logtest, without Riposte's rules and with them. OSSEC_TESTS=DIR names contrib/ossec-testing/tests. */

const { OSSEC_HOME = '', OSSEC_LOGTEST = `${OSSEC_HOME}/bin/ossec-logtest`, OSSEC_TESTS = '' } = process.env;

/** Decoders that give no source. They replace stock decoders that would read an attacker's text as an address. */
const UNSURE = /^(?:web-accesslog|apache-errorlog)-unsure$/;

if (OSSEC_HOME && OSSEC_TESTS) {
  const before = new OssecHome(OSSEC_HOME, OSSEC_LOGTEST, { ours: 'none' });
  const after = new OssecHome(OSSEC_HOME, OSSEC_LOGTEST, { ours: 'behind a proxy' });

  for (const name of readdirSync(OSSEC_TESTS).filter((file) => file.endsWith('.ini'))) {
    test(`changes the rule of a line only to a Riposte rule with a higher level in ${name}`, async () => {
      const lines = new Set(readCases(`${OSSEC_TESTS}/${name}`).map(({ line }) => line));
      let changed = 0;
      for (const line of lines) {
        const [was] = await before.verdicts([{ at: 0, line }]);
        const [is] = await after.verdicts([{ at: 0, line }]);
        if (JSON.stringify(was) === JSON.stringify(is)) continue;
        changed++;
        console.log(
          `  ${was?.rule} (level ${was?.level}) -> ${is?.rule} (level ${is?.level}): ${line.slice(0, 200)}`,
        );
        if (UNSURE.test(is?.decoder ?? '')) {
          assert.is(is?.srcip, '-', line);
          continue;
        }
        assert.match(is?.rule ?? '', /^117[012]\d\d$/, line);
        assert.ok(Number(is?.level) > Number(was?.level), line);
        const decoder = is?.decoder.replace('-unusual', '');
        assert.equal([decoder, is?.srcip], [was?.decoder, was?.srcip], line);
      }
      console.log(`  ${name}: ${lines.size} lines, ${changed} changed`);
    });
  }

  test('raises a user’s own rule for requests that match it, and still finds a scan in these requests', async () => {
    const mine =
      '<rule id="100100" level="7"><if_sid>31101</if_sid><url>/gone</url><description>x</description></rule>';
    const localRules = `<group name="local,">${mine}</group>`;
    const local = new OssecHome(OSSEC_HOME, OSSEC_LOGTEST, { ours: 'without a proxy', localRules });
    const request = (n: number) =>
      `203.0.113.9 - - [20/Nov/2026:09:00:00 +0000] "GET /gone/${n} HTTP/1.1" 404 1 "-" "Mozilla/5.0 (X11)"`;
    const verdicts = await local.verdicts(
      Array.from({ length: 16 }, (_, n) => ({ at: 0, line: request(n) })),
    );
    local.remove();
    assert.equal(
      verdicts.map(({ rule, level }) => `${rule}:${level}`),
      [...Array(15).fill('100100:7'), '117076:10'],
    );
  });

  test.after(() => {
    before.remove();
    after.remove();
  });
} else {
  console.log('skipped: stock test lines before and after (OSSEC_HOME=/path OSSEC_TESTS=/path)');
  test.skip('stock test lines before and after', () => {});
}

test.run();
