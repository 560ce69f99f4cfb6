import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RiposteError } from '../../../base/errors.ts';
import { DECODERS, ROOTS, ruleset } from '../fixture.ts';

const group = (rules: string) => `${ROOTS}\n<group name="g,">\n${rules}\n</group>`;
const LINES_BEFORE = group('').split('\n').length - 2;
/** The line number of the first line of `rules` in group(). */
const FIRST = LINES_BEFORE + 1;

function refused(parts: { rules?: string; decoders?: string }, expected: string): void {
  assert.throws(
    () => ruleset({ rules: parts.rules ?? ROOTS, decoders: parts.decoders ?? DECODERS }),
    (error: unknown) => {
      if (!(error instanceof RiposteError)) return false;
      assert.equal([error.exitCode, error.message], [78, expected]);
      return true;
    },
  );
}

for (const [what, rules, expected] of [
  [
    'an option that the engine does not support',
    '<rule id="10" level="1">\n<colour>red</colour></rule>',
    `${FIRST + 1}: option 'colour' of rule 10 is unknown to the engine`,
  ],
  [
    'a rule whose parent is missing',
    '<rule id="10" level="1"><if_sid>99</if_sid><description>x</description></rule>',
    `${FIRST}: rule 10 extends rule 99 (if_sid), which does not exist`,
  ],
  [
    'a rule whose parent group is missing',
    '<rule id="10" level="1"><if_group>nope</if_group></rule>',
    `${FIRST}: rule 10 extends group 'nope' (if_group), which does not exist`,
  ],
  [
    'a second rule with the same id',
    '<rule id="10" level="1"><match>a</match></rule>\n<rule id="10" level="1"><match>b</match></rule>',
    `${FIRST + 1}: rule 10 is already defined at rules.xml:${FIRST}`,
  ],
  [
    'an overwrite of a missing rule',
    '<rule id="10" level="1" overwrite="yes"><match>a</match></rule>',
    `${FIRST}: rule 10 overwrites a rule that does not exist`,
  ],
  [
    'a pattern that backtracks without a bound',
    '<rule id="10" level="1">\n\n<pcre2>(a+)+$</pcre2></rule>',
    `${FIRST + 2}: 'pcre2' of rule 10: a loop inside a loop can match the same text in many ways (catastrophic backtracking)`,
  ],
  [
    'an invalid pattern',
    '<rule id="10" level="1"><url_pcre2>(a</url_pcre2></rule>',
    `${FIRST}: 'url_pcre2' of rule 10: missing closing parenthesis`,
  ],
  [
    'an unknown compiled rule',
    '<rule id="10" level="1"><compiled_rule>is_nice</compiled_rule></rule>',
    `${FIRST}: rule 10 needs the compiled rule 'is_nice', which the engine lacks`,
  ],
  [
    'an unknown decoder',
    '<rule id="10" level="1"><decoded_as>nope</decoded_as></rule>',
    `${FIRST}: rule 10 needs the decoder 'nope', which does not exist`,
  ],
  [
    'an unknown category',
    '<rule id="10" level="1"><category>nope</category></rule>',
    `${FIRST}: rule 10 has an unknown category 'nope'`,
  ],
  [
    'an unknown attribute',
    '<rule id="10" level="1" colour="red"><match>a</match></rule>',
    `${FIRST}: a rule has an unknown attribute 'colour'`,
  ],
  [
    'a level that is not a number',
    '<rule id="10" level="high"><match>a</match></rule>',
    `${FIRST}: a rule has level="high", which is not a number`,
  ],
  [
    'a rule without an id',
    '<rule level="1"><match>a</match></rule>',
    `${FIRST}: a rule needs an id and a level`,
  ],
  [
    'an invalid address',
    '<rule id="10" level="1"><srcip>10.0.0</srcip></rule>',
    `${FIRST}: 'srcip' of rule 10: '10.0.0' is not an address`,
  ],
  [
    'an invalid time',
    '<rule id="10" level="1"><time>noon</time></rule>',
    `${FIRST}: 'time' of rule 10: 'noon' is not a time span`,
  ],
  [
    'a frequency that counts nothing',
    '<rule id="10" level="1" frequency="3"><match>a</match></rule>',
    `${FIRST}: rule 10 has a frequency or a same_… option, but no if_matched_…`,
  ],
  [
    'a list with an unknown kind of look-up',
    '<rule id="10" level="1"><list field="srcip" lookup="guess">l</list></rule>',
    `${FIRST}: a list of rule 10 has an unknown lookup 'guess'`,
  ],
  [
    'an option of geography, which the engine lacks',
    '<rule id="10" level="1"><srcgeoip>DE</srcgeoip></rule>',
    `${FIRST}: option 'srcgeoip' of rule 10 is unknown to the engine`,
  ],
  [
    'an unknown word among the options',
    '<rule id="10" level="1"><options>loud</options></rule>',
    `${FIRST}: rule 10 has an unknown option 'loud'`,
  ],
  [
    'an option that only Wazuh has',
    '<rule id="10" level="1"><protocol>tcp</protocol></rule>',
    `${FIRST}: option 'protocol' of rule 10 is unknown to the engine`,
  ],
  [
    'another element in a group',
    '<decoder name="x"><parent>y</parent></decoder>',
    `${FIRST}: element 'decoder' in group 'g,': only 'rule' is allowed`,
  ],
] as const) {
  test(`refuses ${what} with file and line`, () => refused({ rules: group(rules) }, `rules.xml:${expected}`));
}

for (const [what, decoders, expected] of [
  [
    'another root element',
    '<rule id="1" level="1"><match>a</match></rule>',
    "1: element 'rule' among the decoders: only 'decoder' is allowed",
  ],
  ['a decoder without a name', '\n<decoder><prematch>a</prematch></decoder>', '2: a decoder has no name'],
  [
    'an unknown element',
    '<decoder name="d"><prematch>a</prematch>\n<colour>red</colour></decoder>',
    "2: unknown element 'colour' in decoder 'd'",
  ],
  [
    'a parent that is missing',
    '<decoder name="d"><parent>p</parent><prematch>a</prematch></decoder>',
    "1: decoder 'd' has a parent 'p', which is not defined",
  ],
  [
    'a plugin that is missing',
    '<decoder name="d"><prematch>a</prematch><plugin_decoder>X_Decoder</plugin_decoder></decoder>',
    "1: decoder 'd' needs the plugin 'X_Decoder', which the engine lacks",
  ],
  [
    'a regex without an order',
    '<decoder name="d"><prematch>a</prematch><regex>(a)</regex></decoder>',
    "1: decoder 'd' has a regex, but no order",
  ],
  [
    'nothing to match',
    '<decoder name="d"><type>syslog</type></decoder>',
    "1: decoder 'd' has neither a parent nor a prematch nor a program_name",
  ],
  [
    'an unknown type',
    '<decoder name="d"><type>x</type><prematch>a</prematch></decoder>',
    "1: decoder 'd' has an unknown type 'x'",
  ],
  [
    'an unknown offset',
    '<decoder name="d"><prematch>a</prematch><regex offset="x">(a)</regex><order>id</order></decoder>',
    `1: 'regex' of decoder 'd' has an unknown offset="x"`,
  ],
  [
    'a pattern that backtracks without a bound',
    '<decoder name="d"><prematch_pcre2>(\\w+)*$</prematch_pcre2></decoder>',
    "1: 'prematch_pcre2' of decoder 'd': a loop inside a loop can match the same text in many ways (catastrophic backtracking)",
  ],
] as const) {
  test(`decoders: refuses ${what} with file and line`, () =>
    refused({ decoders }, `decoders.xml:${expected}`));
}

test.run();
