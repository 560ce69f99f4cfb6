import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readSequences } from '../../../engine/suite/read-sequences.ts';
import { readSuite } from '../../../engine/suite/read-suite.ts';
import { runCase, runSequence } from '../../../engine/suite/run-suite.ts';
import { ruleset, rulesOf } from '../fixture.ts';

const RULES = ruleset({
  rules: rulesOf(
    '<rule id="10" level="5"><category>web-log</category><description>a</description></rule>' +
      '<rule id="11" level="10" frequency="0" timeframe="60"><if_matched_sid>10</if_matched_sid><same_source_ip /><description>b</description></rule>',
  ),
});

const INI = `; a comment
[first]
log 1 pass = 192.0.2.1 GET /a=b 404
log 2 fail = no web log
rule = 10
alert = 5
decoder = WEB

[second]
log 1 pass : 192.0.2.1 GET / 200
log 2 fail = 192.0.2.1 GET / 200
rule = 10
alert = 6
decoder = web
`;

test('accepts a pass line if rule, level and decoder all match, and a fail line if they do not all match', () => {
  const outcomes = readSuite(INI, 'x.ini').map((item) => runCase(item, RULES, 1000));
  assert.equal(
    outcomes.map((failure) => failure?.line),
    [undefined, undefined, 10, undefined],
  );
  assert.is(outcomes[2]?.expected, 'rule 10, level 6, decoder web');
  assert.is(outcomes[2]?.found, 'rule 10, level 5, decoder web');
});

test('merges sections of the same name, and requires a section to state its expectations', () => {
  const twice =
    '[a]\nlog 1 pass = x\nrule = 1\nalert = 1\ndecoder = d\n[a]\nlog 1 pass = y\nlog 2 pass = z\n';
  assert.equal(
    readSuite(twice, 'x.ini').map(({ log }) => log),
    ['y', 'z'],
  );
  assert.throws(
    () => readSuite('[a]\nlog 1 pass = x\nrule = 1\n', 'x.ini'),
    /x.ini:1: section 'a' has no alert/,
  );
  assert.throws(() => readSuite('nonsense', 'x.ini'), /x.ini:1: 'nonsense' is neither/);
});

test('evaluates the lines of a sequence at their times', () => {
  const text = `# comment
[twice at once]
0  10:5   192.0.2.1 GET / 404
1  11:10  192.0.2.1 GET / 404
1  -      no web log
1  *      192.0.2.1 GET / 404

[twice, but slowly]
0   10:5   192.0.2.1 GET / 404
61  11:10  192.0.2.1 GET / 404
`;
  const outcomes = readSequences(text, 'x.seq').map((sequence) => runSequence(sequence, RULES, 1000));
  assert.is(outcomes[0], undefined);
  assert.equal([outcomes[1]?.line, outcomes[1]?.expected, outcomes[1]?.found], [10, '11:10', '10:5']);
  assert.throws(() => readSequences('[a]\nsoon 1:1 x', 'x.seq'), /x.seq:2: 'soon 1:1 x' is neither/);
});

test.run();
