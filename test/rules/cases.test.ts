import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../engine/engine.ts';
import { builtInSources } from '../../engine/ruleset/built-in.ts';
import { loadRuleset } from '../../engine/ruleset/ruleset.ts';
import { RULE_FILES, readCases } from './suite.ts';

/* Runs the cases beside the rules in the engine. ossec-logtest.test.ts gives them to the real ossec-logtest. */

const NOW = 1_795_166_986;

const rulesets = [false, true].map((isBehindProxy) => loadRuleset(builtInSources('ossec', isBehindProxy)));

for (const name of RULE_FILES) {
  const cases = readCases(`rules/${name.replace(/\.xml$/, '.ini')}`);
  const ruleset = rulesets[name.includes('behind_proxy') ? 1 : 0];
  if (ruleset === undefined) throw new Error('no rules');

  test(`gives each of the ${cases.length} cases of ${name} its rule, level and decoder`, () => {
    const wrong = cases.flatMap(({ rule, level, decoder, line, pass }) => {
      const event = new Engine(ruleset, { counting: 'keyed', host: 'here' }).judge(line, NOW);
      const found = `${event.rule?.id ?? '-'}:${event.rule?.level ?? '-'}:${event.decoder?.name ?? '-'}`;
      return (found === `${rule}:${level}:${decoder}`) === pass ? [] : `${rule}: ${found}: ${line}`;
    });
    assert.equal(wrong, []);
  });
}

test.run();
