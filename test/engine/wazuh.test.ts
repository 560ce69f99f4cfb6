import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { predecode } from '../../engine/event/predecode.ts';
import { readXml } from '../../engine/xml/read-xml.ts';
import { engine, finalRules, ruleset, rulesOf } from './fixture.ts';

const wazuh = (rules: string, decoders?: string) =>
  engine(rules, { counting: 'keyed' }, { dialect: 'wazuh', ...(decoders ? { decoders } : {}) });

test('reads the kind and the negation of a pattern', () => {
  const rules =
    '<rule id="10" level="1"><match type="pcre2">^A\\d</match><description>x</description></rule>' +
    '<rule id="11" level="2"><if_sid>10</if_sid><match negate="yes">quiet</match><description>x</description></rule>';
  assert.equal(finalRules(wazuh(rules), ['A1 x', 'A1 quiet', 'a1']), [11, 10, undefined]);
});

test('refuses an attribute that Wazuh does not know', () => {
  const rules = rulesOf(
    '<rule id="10" level="1"><match colour="red">a</match><description>x</description></rule>',
  );
  assert.throws(() => ruleset({ rules, dialect: 'wazuh' }), /'match' of rule 10 has an unknown colour="red"/);
});

test('counts a group that took no part in a match in the order', () => {
  const decoders =
    '<decoder name="p"><prematch>^p </prematch><regex type="pcre2">^p (a)?(b)</regex><order>id, status</order></decoder>';
  const event = wazuh('<rule id="10" level="1"><description>x</description></rule>', decoders).decode(
    'p b',
    0,
  );
  assert.equal([event.id, event.status], [undefined, 'b']);
});

test('counts events by any field', () => {
  const decoders =
    '<decoder name="p"><prematch>^p </prematch><regex>^p (\\S+) (\\S+)</regex><order>shop, thing</order></decoder>';
  const rules =
    '<rule id="10" level="3"><decoded_as>p</decoded_as><description>x</description></rule>' +
    '<rule id="11" level="9" frequency="3" timeframe="60"><if_matched_sid>10</if_matched_sid><same_field>shop</same_field><different_field>thing</different_field><description>y</description></rule>';
  const lines = ['p a 1', 'p b 1', 'p a 2', 'p a 3', 'p b 1', 'p b 1'];
  assert.equal(finalRules(wazuh(rules, decoders), lines), [10, 10, 10, 11, 10, 10]);
});

test('leaves a field in a description alone, and does not escape by two backslashes', () => {
  const [only] = readXml('<var name="A">1</var><r>$(win.x) $A \\\\</r>', 'x.xml', 'wazuh');
  assert.is(only?.text, '$(win.x) 1 \\\\');
});

test('keeps tabs, and reads the date of macOS', () => {
  const line = '2021-04-21 10:16:09.404756-0700 mac sshd[1]: a\tb';
  const { hostname, programName, log } = predecode(line, 0, '', '', 'wazuh');
  assert.equal([hostname, programName, log], ['mac', 'sshd', 'a\tb']);
});

test.run();
