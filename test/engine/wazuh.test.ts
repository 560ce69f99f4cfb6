import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { predecode } from '../../engine/event/predecode.ts';
import { readXml } from '../../engine/xml/read-xml.ts';
import { engine, finalRules, ruleset, rulesOf } from './fixture.ts';

const wazuh = (rules: string, decoders?: string) =>
  engine(rules, { counting: 'keyed' }, { dialect: 'wazuh', ...(decoders ? { decoders } : {}) });

test('supports the attributes type and negate of a pattern', () => {
  const rules =
    '<rule id="10" level="1"><match type="pcre2">^A\\d</match><description>x</description></rule>' +
    '<rule id="11" level="2"><if_sid>10</if_sid><match negate="yes">quiet</match><description>x</description></rule>';
  assert.equal(finalRules(wazuh(rules), ['A1 x', 'A1 quiet', 'a1']), [11, 10, undefined]);
});

test('refuses an attribute that Wazuh does not support', () => {
  const rules = rulesOf(
    '<rule id="10" level="1"><match colour="red">a</match><description>x</description></rule>',
  );
  assert.throws(() => ruleset({ rules, dialect: 'wazuh' }), /'match' of rule 10 has an unknown colour="red"/);
});

test('leaves a field of the order unset when its group took no part in the match', () => {
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

test('changes neither $(field) nor two backslashes in a text', () => {
  const [only] = readXml('<var name="A">1</var><r>$(win.x) $A \\\\</r>', 'x.xml', 'wazuh');
  assert.is(only?.text, '$(win.x) 1 \\\\');
});

test('keeps tabs, and reads the date of macOS', () => {
  const line = '2021-04-21 10:16:09.404756-0700 mac sshd[1]: a\tb';
  const { hostname, programName, log } = predecode(line, 0, '', '', 'wazuh');
  assert.equal([hostname, programName, log], ['mac', 'sshd', 'a\tb']);
});

/** The final rule of each line, and the decoder of the last line. */
function judged(rules: string, decoders: string, lines: string[]) {
  const wazuhEngine = wazuh(rules, decoders);
  const events = lines.map((line) => wazuhEngine.judge(line, 0));
  return { rules: events.map(({ rule }) => rule?.id), decoder: events.at(-1)?.decoder?.name };
}

test('keeps category and name of the parent when only the regex of a child matches', () => {
  const decoders =
    '<decoder name="proxy"><type>squid</type><prematch>^p </prematch></decoder>' +
    '<decoder name="own"><parent>proxy</parent><use_own_name>true</use_own_name><type>web-log</type><regex>^p (\\S+)</regex><order>id</order></decoder>';
  const rules =
    '<rule id="6" level="3"><category>squid</category><description>s</description></rule>' +
    '<rule id="10" level="5"><if_sid>6</if_sid><id>^4</id><description>x</description></rule>';
  assert.equal(judged(rules, decoders, ['p 400']), { rules: [10], decoder: 'proxy' });
});

test('treats a request without a query as a simple request, with any method', () => {
  const decoders =
    '<decoder name="web"><type>web-log</type><prematch>^\\S+ \\w+ /</prematch><regex>^(\\S+) (\\w+) (\\S+)</regex><order>srcip, action, url</order></decoder>';
  const rule = (name: string) =>
    `<rule id="10" level="5"><if_sid>4</if_sid><compiled_rule>${name}</compiled_rule><description>x</description></rule>`;
  assert.equal(
    judged(rule('is_simple_http_request'), decoders, ['a GET /', 'a POST /x', 'a PUT /x?y']).rules,
    [10, 10, undefined],
  );
  const crawlers = ['66.249.64.1 GET /', '66.248.1.1 GET /', '72.14.1.1 GET /'];
  assert.equal(judged(rule('is_valid_crawler'), decoders, crawlers).rules, [10, undefined, 10]);
});

/** The fields that a decoder with these options reads from a line in JSON. */
function jsonFields(line: string, options = ''): Record<string, string | undefined> {
  const decoders = `<decoder name="j"><prematch>^{</prematch></decoder><decoder name="j-child"><parent>j</parent><plugin_decoder>JSON_Decoder</plugin_decoder>${options}</decoder>`;
  const event = wazuh('<rule id="10" level="1"><description>x</description></rule>', decoders).decode(
    line,
    0,
  );
  const { srcip, dstuser, data } = event;
  const statics = Object.entries({ srcip, dstuser, data }).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(statics), ...Object.fromEntries(event.dynamic ?? []) };
}

test('reads JSON as Wazuh does: null, lists, numbers, the first of two equal names, text after the object', () => {
  const cases: [string, Record<string, string>, string?][] = [
    ['{"a":null,"b":true}', { a: 'null', b: 'true' }],
    ['{"a":null,"b":1}', { b: '1' }, '<json_null_field>discard</json_null_field>'],
    ['{"a":["x",1,null],"b":[]}', { a: '["x", 1, null]', b: '[]' }],
    ['{"a":[{"b":1,"c":["x"]}]}', { a: '[{\n\t\t"b":\t1,\n\t\t"c":\t["x"]\n\t}]' }],
    ['{"a":["x",1,null],"b":[]}', { a: 'x,1,null' }, '<json_array_structure>csv</json_array_structure>'],
    ['{"a":1.5,"b":1700000000000,"c":-3}', { a: '1.500000', b: '1700000000000.000000', c: '-3' }],
    ['{"a":{"B":"1"},"A":{"b":"2"}}', { 'a.b': '1' }],
    ['{"srcip":"203.0.113.9","user":"bob"} and more', { srcip: '203.0.113.9', dstuser: 'bob' }],
    ['{"dstuser":"bob","user":"eve"}', { dstuser: 'bob', user: 'eve' }],
    ['{"a":"x"', {}],
  ];
  for (const [line, fields, options] of cases) assert.equal(jsonFields(line, options), fields, line);
});

test('matches null in a field', () => {
  const decoders =
    '<decoder name="j"><prematch>^{</prematch><plugin_decoder>JSON_Decoder</plugin_decoder></decoder>';
  const rules = '<rule id="10" level="5"><field name="error">null</field><description>x</description></rule>';
  assert.equal(judged(rules, decoders, ['{"error":null}', '{"error":"x"}', '{"b":1}']).rules, [
    10,
    undefined,
    undefined,
  ]);
});

test('matches no absent field, even when the pattern is negated', () => {
  const decoders =
    '<decoder name="p"><prematch>^p </prematch><regex>^p (\\d+)</regex><order>id</order></decoder>';
  const rules = '<rule id="10" level="5"><id negate="yes">^4</id><description>x</description></rule>';
  assert.equal(judged(rules, decoders, ['p 200', 'p 404', 'p x']).rules, [10, undefined, undefined]);
});

test('uses the type and the negation of the last element when several elements have the same name', () => {
  const rules =
    '<rule id="10" level="5"><match negate="yes">one</match><match>|two</match><description>x</description></rule>' +
    '<rule id="11" level="5"><match>thr</match><match type="pcre2">e{2}$</match><description>x</description></rule>';
  assert.equal(finalRules(wazuh(rules), ['one', 'two', 'three', 'thr', 'THREE']), [
    10,
    10,
    11,
    undefined,
    undefined,
  ]);
  const decoders =
    '<decoder name="p"><program_name type="osmatch">^ap</program_name><program_name type="pcre2">p\\d$</program_name></decoder>';
  const decoderOf = (line: string) =>
    judged('<rule id="10" level="1"><description>x</description></rule>', decoders, [line]).decoder;
  assert.equal(
    ['app1', 'app', 'APP1'].map((name) => decoderOf(`Dec 19 17:20:08 host ${name}: x`)),
    ['p', undefined, undefined],
  );
});

test('negates a match that begins with an exclamation mark', () => {
  const rules =
    '<rule id="10" level="5"><match>x</match><regex type="osmatch">!quiet|silent</regex><description>x</description></rule>';
  assert.equal(finalRules(wazuh(rules), ['x loud', 'x quiet', 'x silent']), [10, undefined, undefined]);
});

test('keeps a rule when the rule that overwrites it has a list that is not loaded', () => {
  const rules =
    '<rule id="10" level="5"><match>a</match><description>x</description></rule>' +
    '<rule id="10" level="7" overwrite="yes"><match>a</match><list field="srcip" lookup="match_key">etc/lists/none</list><description>y</description></rule>';
  assert.equal(finalRules(wazuh(rules), ['a']), [10]);
});

test('counts the same event each time when a rule needs only one earlier event to fire', () => {
  const rules =
    '<rule id="10" level="3"><match>a</match><description>x</description></rule>' +
    '<rule id="11" level="9" frequency="2" timeframe="60"><if_matched_sid>10</if_matched_sid><match>b</match><description>y</description></rule>';
  const lines = ['a', 'ab', 'ab', 'a'];
  assert.equal(finalRules(wazuh(rules), lines), [10, 11, 11, 10]);
});

test('never matches a country, because the packages of Wazuh have no GeoIP', () => {
  const rules =
    '<rule id="10" level="5"><srcgeoip negate="yes">FR</srcgeoip><description>x</description></rule>' +
    '<rule id="11" level="1"><match>a</match><description>x</description></rule>' +
    '<rule id="12" level="9" frequency="2" timeframe="60"><if_matched_sid>11</if_matched_sid><same_srcgeoip /><description>x</description></rule>';
  assert.equal(finalRules(wazuh(rules), ['a', 'a', 'a']), [11, 11, 11]);
});

test('reads a program’s name that no space follows, and the date forms of Wazuh 4.14', () => {
  const parts = (line: string) => {
    const { hostname, programName, log } = predecode(line, 0, '', '', 'wazuh');
    return [hostname, programName, log];
  };
  assert.equal(parts('Dec 19 17:20:08 host app[12]:text'), ['host', 'app', 'text']);
  assert.equal(parts('Dec 19 17:20:08 host app:text'), ['host', 'app', 'text']);
  assert.equal(parts('Dec 19 17:20:08 host app[12] text'), ['host', 'app', 'text']);
  const ofSqlServer = '2017-04-03 15:55:24.37 Logon       Login succeeded for user x.';
  assert.equal(parts(ofSqlServer), ['', undefined, ofSqlServer]);
  const long = '2022-12-19T15:02:53.288+00:00 host app: text and more';
  assert.equal(parts(long), ['host', 'app', 'text and more']);
});

test.run();
