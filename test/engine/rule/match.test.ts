import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readList } from '../../../engine/list/read-list.ts';
import { engine, finalRules } from '../fixture.ts';

const rule = (id: number, level: number, inside: string, attributes = '') =>
  `<rule id="${id}" level="${level}" ${attributes}>${inside}<description>rule ${id}</description></rule>`;

test('tries level 0 first among children, then the higher level, then the earlier rule', () => {
  const rules =
    rule(10, 1, '<match>x</match>') +
    rule(11, 3, '<if_sid>10</if_sid><match>a</match>') +
    rule(12, 7, '<if_sid>10</if_sid><match>a</match>') +
    rule(13, 7, '<if_sid>10</if_sid><match>a</match>') +
    rule(14, 0, '<if_sid>10</if_sid><match>quiet</match>') +
    rule(15, 9, '<if_sid>10</if_sid><match>last</match>', 'accuracy="0"');
  assert.equal(finalRules(engine(rules), ['x a', 'x a quiet', 'x', 'x last a', 'a']), [
    12,
    14,
    10,
    12,
    undefined,
  ]);
});

test('evaluates a rule with a host name again when the host name changes', () => {
  const rules = rule(10, 1, '<match>x</match>') + rule(11, 3, '<if_sid>10</if_sid><hostname>web</hostname>');
  const hosts = ['web1', 'db1', 'db1', 'web1', 'web1', 'db1'];
  const lines = hosts.map((host) => `Nov 20 09:00:00 ${host} app: x`);
  assert.equal(finalRules(engine(rules), lines), [11, 10, 10, 11, 11, 10]);
});

test('descends into the first matching child, and does not try its siblings', () => {
  const rules =
    rule(10, 1, '<match>x</match>') +
    rule(11, 9, '<if_sid>10</if_sid><match>a</match>') +
    rule(12, 3, '<if_sid>10</if_sid><match>b</match>') +
    rule(13, 12, '<if_sid>12</if_sid><match>c</match>');
  assert.equal(finalRules(engine(rules), ['x a b c', 'x b c', 'x b']), [11, 13, 12]);
});

test('extends several rules, a group or a level', () => {
  const rules =
    rule(10, 3, '<match>a</match><group>first,</group>') +
    rule(11, 5, '<match>b</match>') +
    rule(12, 6, '<if_sid>10, 11</if_sid><match>two</match>') +
    rule(13, 7, '<if_group>first</if_group><match>group</match>') +
    rule(14, 8, '<if_level>5</if_level><match>level</match>');
  const lines = ['a two', 'b two', 'a group', 'b group', 'b level', 'a level', 'a two level'];
  // if_level ranks level 0 above every other level, as the order of siblings does, so it matches the roots, too.
  assert.equal(finalRules(engine(rules), lines), [12, 12, 13, 11, 14, 14, 14]);
});

test('requires each option to match, and joins options of the same name', () => {
  const rules =
    rule(10, 1, '<decoded_as>web</decoded_as><category>web-log</category>') +
    rule(11, 2, '<if_sid>10</if_sid><url>/a|</url><url>/b</url><id>^4</id><srcip>192.0.2.0/24</srcip>');
  const lines = [
    '192.0.2.1 GET /a 404',
    '192.0.2.1 GET /b 404',
    '192.0.2.1 GET /a 200',
    '198.51.100.1 GET /a 404',
    '192.0.2.1 GET /c 404',
  ];
  assert.equal(finalRules(engine(rules), lines), [11, 11, 10, 10, 10]);
});

test('negates addresses, and applies the first address that matches', () => {
  const rules =
    rule(10, 1, '<category>web-log</category>') +
    rule(11, 2, '<if_sid>10</if_sid><srcip>!192.0.2.0/24</srcip><url>/x</url>') +
    rule(12, 2, '<if_sid>10</if_sid><srcip>!192.0.2.1</srcip><srcip>192.0.2.0/24</srcip><url>/y</url>');
  const lines = [
    '192.0.2.1 GET /x 1',
    '2001:db8::1 GET /x 1',
    '192.0.2.1 GET /y 1',
    '192.0.2.2 GET /y 1',
    'no GET /x 1',
  ];
  assert.equal(finalRules(engine(rules), lines), [10, 11, 10, 12, 10]);
});

test('never makes a rule with noalert final', () => {
  const rules =
    rule(10, 5, '<match>a</match>', 'noalert="1"') + rule(11, 3, '<if_sid>10</if_sid><match>b</match>');
  assert.equal(finalRules(engine(rules), ['a', 'a b']), [undefined, 11]);
});

test('compares maxsize with the line’s length, and time and weekday with local time', () => {
  const noon = new Date(2026, 10, 20, 12).getTime() / 1000;
  const judge = engine(
    rule(10, 1, '<match>l</match>', 'maxsize="5"') +
      rule(11, 2, '<match>t</match><time>9 am - 5:30 pm</time>') +
      rule(12, 2, '<match>n</match><time>22:00 - 6:00</time>') +
      rule(13, 2, '<match>d</match><weekday>!weekends</weekday>'),
  );
  const at = (line: string, hours: number) => judge.judge(line, noon + hours * 3600).rule?.id;
  assert.equal([at('l', 0), at('l long', 0)], [undefined, 10]);
  assert.equal([at('t', 0), at('t', 8), at('n', 0), at('n', 12)], [11, undefined, undefined, 12]);
  assert.equal([at('d', 0), at('d', 24)], [13, undefined]);
});

test('looks up a list by key, by value and by the prefix of an address', () => {
  const lists = new Map([
    ['lists/l', readList('10.:lan\n192.0.2.1:bad\n### comment\nno colon\n198.51.100.:good  ### x\n')],
  ]);
  const list = (lookup: string, more = '') =>
    `<if_sid>10</if_sid><list field="srcip" lookup="${lookup}" ${more}>lists/l</list>`;
  const rules =
    rule(10, 1, '<category>web-log</category>') +
    rule(11, 9, `<url>/key</url>${list('match_key')}`) +
    rule(12, 8, `<url>/value</url>${list('match_key_value', 'check_value="^bad"')}`) +
    rule(13, 7, `<url>/front</url>${list('address_match_key')}`) +
    rule(14, 6, `<url>/none</url>${list('not_address_match_key')}`);
  const of = (url: string) => ['192.0.2.1', '10.1.2.3', '203.0.113.1'].map((ip) => `${ip} GET ${url} 1`);
  const judge = engine(rules, {}, { lists });
  assert.equal(finalRules(judge, of('/key')), [11, 10, 10]);
  assert.equal(finalRules(judge, of('/value')), [12, 10, 10]);
  assert.equal(finalRules(judge, of('/front')), [13, 13, 10]);
  assert.equal(finalRules(judge, of('/none')), [10, 10, 14]);
});

test('keeps an overwritten rule’s position, and the options that the new rule lacks, as OSSEC does', () => {
  const rules =
    rule(10, 1, '<match>x</match>') +
    rule(11, 3, '<if_sid>10</if_sid><match>a</match><pcre2>keep</pcre2>') +
    rule(11, 8, '<match>b</match>', 'overwrite="yes"');
  const judge = engine(rules);
  assert.equal(finalRules(judge, ['x a keep', 'x b', 'x b keep']), [10, 10, 11]);
  assert.is(judge.judge('x b keep', 0).rule?.level, 8);
});

test('fires if_fts only once for the same values of the decoder’s fts fields', () => {
  const decoders =
    '<decoder name="p"><prematch>^p </prematch><regex>^p (\\S+)</regex><order>srcip</order><fts>name, srcip</fts></decoder>';
  const rules = rule(10, 1, '<decoded_as>p</decoded_as>') + rule(11, 4, '<if_sid>10</if_sid><if_fts />');
  const judge = engine(rules, {}, { decoders });
  assert.equal(finalRules(judge, ['p 192.0.2.1', 'p 192.0.2.1', 'p 192.0.2.2']), [11, 10, 11]);
});

test('fires check_diff when a text differs from the last text for the same rule and host', () => {
  const judge = engine(rule(10, 7, '<match>^out</match><check_diff />'));
  assert.equal(finalRules(judge, ['out 1', 'out 1', 'out 2', 'out 2']), [
    undefined,
    undefined,
    10,
    undefined,
  ]);
});

test('silences a rule for the seconds of its ignore attribute', () => {
  const judge = engine(rule(10, 5, '<match>a</match>', 'ignore="60"'));
  const alerts = [0, 30, 61, 62].map((time) => judge.judge('a', 1000 + time).isAlert);
  assert.equal(alerts, [true, false, true, true]);
});

test('supports the compiled rules of OSSEC', () => {
  const decoders =
    '<decoder name="w"><type>web-log</type><prematch>^w </prematch><regex>^w (\\S+) (\\S+)</regex><order>action, url</order></decoder>';
  const rules =
    rule(10, 1, '<category>web-log</category>') +
    rule(11, 2, '<if_sid>10</if_sid><compiled_rule>is_simple_http_request</compiled_rule>');
  const judge = engine(rules, {}, { decoders });
  assert.equal(finalRules(judge, ['w GET /', 'w GET /a', 'w GET /a?b', 'w POST /a']), [11, 11, 10, 10]);
});

test.run();
