import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sourcesOfCheckout } from '../../engine/ruleset/from-home.ts';
import { loadRuleset } from '../../engine/ruleset/ruleset.ts';
import { readSuite } from '../../engine/suite/read-suite.ts';
import { runCase } from '../../engine/suite/run-suite.ts';

/* Needs a source tree of ossec/ossec-hids: RULESET=/path npm test */
const checkout = process.env.RULESET;
const suites = join(checkout ?? '', 'contrib/ossec-testing/tests');
const isThere = checkout !== undefined && existsSync(suites);
if (!isThere) console.log('skipped: the stock ruleset of OSSEC (RULESET=/path/to/ossec-hids)');

/** The cases that the real ossec-logtest fails, too. */
const NOT_PASSED_BY_OSSEC = [
  'msauth.ini: Windows local interactive logon success - type 2, log 1 pass',
  'msauth.ini: Windows local interactive logon success - type 2, log 2 pass',
  'pix.ini: asa enable failed, log 1 pass',
  'pix.ini: asa login denied masked user, log 1 pass',
  'pix.ini: asa login permitted, log 1 pass',
  'pix.ini: pix login denied, log 1 pass',
  'pix.ini: pix login permitted empty user, log 1 pass',
  'snort.ini: Snort alert fast format., log 1 pass',
  'snort.ini: Snort drop fast format., log 1 pass',
  'web_appsec.ini: Blacklisted user agent (known malicious user agent)., log 8 pass',
  'web_appsec.ini: POST request received., log 1 pass',
];

(isThere ? test : test.skip)('gives the same result as the real ossec-logtest for every stock case', () => {
  const ruleset = loadRuleset(sourcesOfCheckout(checkout ?? ''));
  const failed: string[] = [];
  let cases = 0;
  for (const name of readdirSync(suites)
    .filter((file) => file.endsWith('.ini'))
    .sort()) {
    for (const item of readSuite(readFileSync(join(suites, name), 'latin1'), name)) {
      cases++;
      if (runCase(item, ruleset, 1000)) failed.push(`${name}: ${item.section}, ${item.name}`);
    }
  }
  assert.is(cases, 261);
  assert.equal(failed, NOT_PASSED_BY_OSSEC);
});

test.run();
