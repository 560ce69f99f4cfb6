import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RiposteError } from '../../../base/errors.ts';
import { readOssecConf } from '../../../engine/ruleset/ossec-conf.ts';
import { readXml } from '../../../engine/xml/read-xml.ts';
import { NOTHING_CHOSEN } from '../../../install/ossec-conf/choice.ts';
import type { Needs } from '../../../install/ossec-conf/needs.ts';
import { withoutRiposte, withRiposte } from '../../../install/ossec-conf/riposte-in-conf.ts';
import { OSSEC_AGENT, OSSEC_SERVER, WAZUH_AGENT, WAZUH_SERVER } from '../../lab/manager-conf.ts';

const needs = (kind: 'ossec' | 'wazuh', role: 'server' | 'agent', more: Partial<Needs> = {}): Needs => ({
  manager: { kind, role },
  home: '/var/ossec',
  logFiles: ['/var/log/apache2/access.log'],
  hasLocalDecoder: false,
  ...NOTHING_CHOSEN,
  ...more,
});

const KINDS = {
  'OSSEC server': [OSSEC_SERVER, needs('ossec', 'server')],
  'OSSEC agent': [OSSEC_AGENT, needs('ossec', 'agent')],
  'Wazuh server': [WAZUH_SERVER, needs('wazuh', 'server')],
  'Wazuh agent': [WAZUH_AGENT, needs('wazuh', 'agent', { logFiles: ['/var/log/apache2/error.log'] })],
} as const;

const SHAPES: Record<string, (text: string) => string> = {
  'as it is': (text) => text,
  'with CRLF': (text) => text.replaceAll('\n', '\r\n'),
  'on one line': (text) => text.replaceAll('\n', ' '),
  'without an end of line at its end': (text) => text.trimEnd(),
  'with blanks at the end': (text) => `${text}\n \t`,
  'with text between the elements': (text) => text.replaceAll('\n\n', '\n stray & text \n'),
  'in Latin-1': (text) => text.replace('<ossec_config>', '<!-- gr\xfc\xdfe -->\n<ossec_config>'),
};

for (const [kind, [conf, need]] of Object.entries(KINDS)) {
  for (const [shape, make] of Object.entries(SHAPES)) {
    test(`${kind}, ${shape}: adds its parts once, and restores every byte`, () => {
      const text = make(conf);
      const once = withRiposte(text, 'conf', need);
      assert.is.not(once, text);
      assert.is(withRiposte(once, 'conf', need), once);
      assert.is(withoutRiposte(once, 'conf'), text);
    });
  }
}

const section = (text: string, name: string) =>
  readXml(text, 'conf')
    .flatMap(({ children }) => children)
    .filter((each) => each.name === name)
    .map(({ children }) => Object.fromEntries(children.map((child) => [child.name, child.text.trim()])));

test('OSSEC: names Riposte’s decoders first, and then the stock decoders', () => {
  const { decoders } = readOssecConf(withRiposte(OSSEC_SERVER, 'conf', needs('ossec', 'server')), 'conf');
  assert.equal(
    decoders.map(({ path }) => path),
    ['etc/riposte_decoders.xml', 'etc/decoder.xml'],
  );
  const local = withRiposte(OSSEC_SERVER, 'conf', needs('ossec', 'server', { hasLocalDecoder: true }));
  assert.is(readOssecConf(local, 'conf').decoders.at(-1)?.path, 'etc/local_decoder.xml');
});

test('OSSEC: puts Riposte’s decoders before named decoders, and adds no stock decoders', () => {
  const named = OSSEC_SERVER.replace('<rules>', '<rules>\n    <decoder_dir>etc/decoders</decoder_dir>');
  const { decoders } = readOssecConf(withRiposte(named, 'conf', needs('ossec', 'server')), 'conf');
  assert.equal(
    decoders.map(({ path }) => path),
    ['etc/riposte_decoders.xml', 'etc/decoders'],
  );
});

test('OSSEC: puts Riposte’s rules after the stock rules and before local_rules.xml, which may change them', () => {
  const { rules } = readOssecConf(withRiposte(OSSEC_SERVER, 'conf', needs('ossec', 'server')), 'conf');
  const paths = rules.map(({ path }) => path);
  assert.is(paths.indexOf('riposte_active_response.xml'), paths.indexOf('attack_rules.xml') + 1);
  assert.is(paths.at(-1), 'local_rules.xml');
  assert.is(paths.includes('riposte_behind_proxy.xml'), false);
});

test('OSSEC: uses the last of several <rules>', () => {
  const second = '<ossec_config>\n<rules>\n<include>web_rules.xml</include>\n</rules>\n</ossec_config>\n';
  const text = withRiposte(OSSEC_SERVER + second, 'conf', needs('ossec', 'server'));
  assert.is(text.slice(0, OSSEC_SERVER.length), OSSEC_SERVER);
});

test('renames a command whose name is taken, and uses the new name in its response', () => {
  for (const [conf, kind] of [
    [OSSEC_SERVER.replace('host-deny', 'route-null'), 'ossec'],
    [WAZUH_SERVER, 'wazuh'],
  ] as const) {
    const text = withRiposte(conf, 'conf', needs(kind, 'server'));
    const commands = section(text, 'command').filter(({ executable }) => executable?.endsWith('.js'));
    assert.equal(
      commands.map(({ name }) => name),
      ['riposte-route-null', 'riposte-firewall-drop'],
    );
    const responses = section(text, 'active-response').map(({ command }) => command);
    assert.is(responses.includes('riposte-route-null'), true);
    assert.is(
      new Set(section(text, 'command').map(({ name }) => name)).size,
      section(text, 'command').length,
    );
  }
});

test('adds no log that ossec.conf already names, by its path or by a pattern', () => {
  const locations = (conf: string, need: Needs) =>
    section(withRiposte(conf, 'conf', need), 'localfile').map(({ location }) => location);
  assert.equal(locations(OSSEC_AGENT, needs('ossec', 'agent')), [
    '/var/log/apache2/access.log',
    '/var/ossec/logs/active-responses.log',
  ]);
  const pattern = OSSEC_AGENT.replace('access.log', '*.log');
  assert.is(locations(pattern, needs('ossec', 'agent')).length, 2);
  assert.is(locations(WAZUH_AGENT, needs('wazuh', 'agent')).length, 2);
});

test('adds no repeated_offenders, because OSSEC counts the alerts of one scan as many offences', () => {
  const own = `${OSSEC_AGENT}<ossec_config><active-response><repeated_offenders>5</repeated_offenders></active-response></ossec_config>`;
  assert.equal(section(withRiposte(own, 'conf', needs('ossec', 'agent')), 'active-response'), [
    { repeated_offenders: '5' },
  ]);
});

test('behind a proxy: puts the decoders of X-Forwarded-For first, and blocks with apache-deny', () => {
  const text = withRiposte(OSSEC_SERVER, 'conf', needs('ossec', 'server', { isBehindProxy: true }));
  const { decoders, rules } = readOssecConf(text, 'conf');
  assert.is(decoders[0]?.path, 'etc/riposte_behind_proxy_decoders.xml');
  assert.is(rules.at(-2)?.path, 'riposte_behind_proxy.xml');
  assert.is(section(text, 'command').at(-1)?.executable, 'apache-deny.js');
});

test('adds the rules for bursts of all 4xx on request, as Riposte’s last rules', () => {
  for (const countsAll4xx of [false, true]) {
    const text = withRiposte(OSSEC_SERVER, 'conf', needs('ossec', 'server', { countsAll4xx }));
    const names = readOssecConf(text, 'conf').rules.map(({ path }) => path);
    const ours = names.filter((name) => name.startsWith('riposte_'));
    assert.is(ours.at(-1), countsAll4xx ? 'riposte_web_bursts_any.xml' : 'riposte_web_bursts.xml');
    assert.is(names.at(-1), 'local_rules.xml');
  }
});

test('Wazuh: names Riposte’s rules when <ruleset> does not read etc/rules', () => {
  for (const conf of [
    WAZUH_SERVER.replace('<rule_dir>etc/rules</rule_dir>', ''),
    WAZUH_SERVER.replaceAll(/<rule_dir>.*<\/rule_dir>/g, ''),
  ])
    assert.match(
      withRiposte(conf, 'conf', needs('wazuh', 'server')),
      '<rule_include>etc/rules/riposte_scanners.xml<',
    );
  const stock = withRiposte(WAZUH_SERVER, 'conf', needs('wazuh', 'server'));
  assert.not.match(stock, 'rule_include');
});

test('Wazuh: names Riposte’s decoder files so that they are sorted first', () => {
  const text = withRiposte(WAZUH_SERVER, 'conf', needs('wazuh', 'server', { isBehindProxy: true }));
  const own = readOssecConf(text, 'conf').decoders.filter(({ isDirectory }) => !isDirectory);
  const names = [...own.map(({ path }) => path.replace('etc/decoders/', '')), '0005-wazuh_decoders.xml'];
  assert.equal([...names].sort(), names);
  assert.is(names[0], '0000-riposte_behind_proxy_decoders.xml');
});

test('Wazuh: refuses an ossec.conf without <ruleset>, and names the lines to add', () => {
  const conf = WAZUH_SERVER.replace(/<ruleset>[\s\S]*?<\/ruleset>/, '');
  assert.throws(
    () => withRiposte(conf, 'conf', needs('wazuh', 'server')),
    ({ message }: Error) => /no <ruleset>.*<rule_dir>ruleset\/rules/.test(message),
  );
});

for (const [what, conf, message] of [
  ['XML that no manager reads', OSSEC_SERVER.replace('</rules>', ''), /^conf:\d+: /],
  ['no <ossec_config>', '<agent_config></agent_config>', /no <ossec_config>/],
  ['no <rules>', OSSEC_AGENT, /no <rules>/],
  [
    'a rule file of Riposte that was added by hand',
    OSSEC_SERVER.replace('web_rules', 'riposte_scanners'),
    /conf:\d+: .* by hand/,
  ],
  [
    'a command of Riposte that was added by hand',
    OSSEC_SERVER.replace('host-deny.sh', 'route-null.js'),
    /by hand/,
  ],
] as const) {
  test(`refuses ${what} with the line and the fix`, () => {
    let caught: unknown;
    try {
      withRiposte(conf, 'conf', needs('ossec', 'server'));
    } catch (error) {
      caught = error;
    }
    assert.instance(caught, RiposteError);
    assert.match((caught as RiposteError).message, message);
  });
}

test.run();
