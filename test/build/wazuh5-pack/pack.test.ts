import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ossecLine, wazuhLine } from '../../../active-response/record/active-responses-log.ts';
import { packOf } from '../../../build/wazuh5-pack/pack.ts';
import { requestRules } from '../../../build/wazuh5-pack/request-rules.ts';
import { toYaml } from '../../../install/wazuh5/yaml.ts';
import { signatureList } from '../../../judgement/signatures/list/index.ts';
import { alertLine } from '../../../serve/alert-line.ts';
import { decode } from '../../install/wazuh5/engine.ts';
import { readYaml } from '../../install/wazuh5/read-yaml.ts';
import { type Matcher, matchesRule } from '../../install/wazuh5/sigma.ts';
import { determinizeEffort } from './determinize.ts';

const PACK = packOf('1.2.3');
const LOCATION = '/var/log/apache2/access.log';
const BOTH: readonly Matcher[] = ['query', 'logtest'];

/** The titles of the rules that match a line. */
function found(line: string, matcher: Matcher = 'query', location = LOCATION): string[] {
  const event = decode(PACK.decoders, location, line);
  if (event === undefined) return [];
  return PACK.rules
    .filter((rule) => matchesRule(rule, event, matcher))
    .map((rule) => rule.metadata.title.replace('Riposte: ', ''));
}

const line = (request: string, referrer = '-', agent = 'Mozilla/5.0') =>
  `203.0.113.9 - - [20/Nov/2026:09:00:00 +0000] "${request} HTTP/1.1" 404 330 "${referrer}" "${agent}"`;

for (const { location, event, rules } of PACK.logtest)
  test(`matches as its sample says: ${event.slice(0, 90)}`, () => {
    for (const matcher of BOTH)
      assert.equal(
        found(event, matcher, location).map((title) => `Riposte: ${title}`),
        rules,
      );
  });

/** A request that matches a pattern of the list. */
function exampleOf(pattern: string): { request: string } {
  const [, method = 'GET', path = '', text] = /^(?:([A-Z]+) )?([^?]*)(?:\?(.*))?$/.exec(pattern) ?? [];
  const target = path
    .replace(/^\*\*\//, '/')
    .replace(/\/\*\*$/, '/x')
    .replace(/\*\*\//g, 'a/b/')
    .replace(/\*+/g, 'x');
  const encoded = text?.replace(/[ "\\]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
  return {
    request: `${method} ${target === '' ? '/' : target.replace(/^(?!\/)/, '/')}${text === undefined ? '' : `?a=1&${encoded}`}`,
  };
}

test('finds a request for each unmistakable path of the list', () => {
  const { signatures, exceptions } = signatureList();
  const lenient = exceptions.map(({ compiled }) => compiled.expression);
  for (const { signature } of signatures) {
    if (signature.class !== 'unmistakable' || signature.kind !== 'path') continue;
    const { request } = exampleOf(signature.pattern);
    const [, path = ''] = /^\S+ ([^?]*)/.exec(request) ?? [];
    if (lenient.some((expression) => expression.test(path))) continue;
    for (const matcher of BOTH)
      assert.ok(found(line(request), matcher).length > 0, `${signature.pattern}: ${request}`);
  }
});

test('finds every tool of the list by its name as a word of the user agent', () => {
  for (const { signature } of signatureList().signatures) {
    if (signature.class !== 'unmistakable' || signature.kind !== 'agent') continue;
    const agent = signature.pattern.replace(/^=/, '');
    const title = 'an attack tool by its user agent';
    for (const matcher of BOTH) assert.ok(found(line('GET /', '-', agent), matcher).includes(title), agent);
    assert.not.ok(found(line('GET /', '-', `x${agent}x`)).includes(title), agent);
  }
});

test('leaves out only lines of the list that are not text', () => {
  assert.equal(requestRules(signatureList()).leftOut, ['payload \\xffsmbr', 'payload ^/hsqldb[\\r\\n]']);
});

test('finds signs and letters that are percent-encoded, once or twice', () => {
  for (const target of ['/.env', '/%2Eenv', '/%252eenv', '/%2e%65nv', '/a//.ENV/', '/.env?x=1'])
    assert.equal(found(line(`GET ${target}`)), ['a request for a file that holds secrets'], target);
});

for (const [what, request, referrer, agent] of [
  ['an ordinary page', 'GET /docs/environment?page=2', 'https://www.example.org/', undefined],
  [
    'a request that a page of another site may have caused',
    'GET /.env',
    'https://www.example.org/',
    undefined,
  ],
  ['a payload in a search', 'GET /find?q=../../../etc/passwd', '-', undefined],
  ['a path below which no request counts', 'GET /git/group/project/blob/main/.env', '-', undefined],
  ['a path of the list in a query', 'GET /page?next=/.env', '-', undefined],
  ['a word that contains the name of a tool', 'GET /', '-', 'Niktoria Browser 1.0'],
  [
    'a page of another site whose own URL has a payload',
    'GET /',
    'https://www.example.org/?a=() { :; }; x',
    undefined,
  ],
] as const)
  test(`finds nothing in ${what}`, () => {
    // Only for 'query'. 'logtest' finds more, because the indexer's rule test looks for an expression in the whole
    // field.
    assert.equal(found(line(request, referrer, agent), 'query'), []);
  });

test('finds a payload in a user agent, and in a referer that is not the URL of a page', () => {
  const payload = '() { :; }; x';
  const title = 'an exploit in URL, referer or user agent';
  for (const [referrer, agent] of [
    [payload, undefined],
    ['https://www.example.org/', payload],
  ] as const)
    assert.equal(found(line('GET /', referrer, agent)), [title]);
});

test('takes the address that the server wrote, whatever the client sends', () => {
  for (const sent of [
    '203.0.113.9 - x [20/Nov/2026:09:00:00 +0000] "GET /.env HTTP/1.1" 200 1 "-" "-" [20/Nov/2026:09:00:00 +0000] "GET / HTTP/1.1" 404 3 "-" "-"',
    line('GET /"198.51.100.1 - - [20/Nov/2026:09:00:00 +0000] "GET /.env'),
    line('GET /a', '198.51.100.1', '\\" 198.51.100.1 - - ['),
  ]) {
    const event = decode(PACK.decoders, LOCATION, sent);
    assert.ok(event === undefined || event['source.ip'] === '203.0.113.9', sent);
  }
});

test('rejects a line with a second address, because a client may have written the first address', () => {
  const time = '[20/Nov/2026:09:00:00 +0000] "GET /.env HTTP/1.1" 404 330 "-" "-"';
  for (const before of [
    '198.51.100.1 203.0.113.9 - -',
    '198.51.100.1 - 203.0.113.9',
    '198.51.100.1 - - 203.0.113.9 - -',
    '198.51.100.1 - x 203.0.113.9:41234 - -',
    '198.51.100.1 (203.0.113.9) - -',
    '198.51.100.1 2001:db8::9 - -',
    '198.51.100.1 - - [20/Nov/2026:09:00:00 +0000] \\"GET / 203.0.113.9 - -',
  ])
    assert.equal(found(`${before} ${time}`), [], before);
});

test('reads a user name with spaces and quotes, and a name of hexadecimal digits', () => {
  for (const user of [
    'a b c',
    'x\\"y z',
    'dad',
    '7',
    '- -',
    'a.b',
    '1.2',
    ',',
    '1.2.3.4.5',
    'a.b.c.d',
    'me@example.org',
  ])
    assert.is(found(line('GET /.env').replace('- - [', `- ${user} [`)).length, 1, user);
});

test('reads an alert and a result only in their own logs', () => {
  for (const { location, event, rules } of PACK.logtest) {
    if (rules.length === 0 || location === LOCATION) continue;
    assert.equal(found(event, 'query', '/var/log/nginx/error.log'), []);
    assert.equal(found(`x ${event}`, 'query', location), []);
  }
});

test('reads fields of an alert by their names, whatever an attacker wrote into its texts', () => {
  const text = '","srcip":"198.51.100.1","level":3,"riposte":{"outcome":"blocked"}';
  const alert = {
    riposte: 'alert',
    srcip: '2001:db8::9',
    level: 12,
    rule: 117053,
    time: '2026-11-20T09:00:00.000Z',
    location: text,
    description: text,
    log: text,
  };
  const event = decode(PACK.decoders, '/var/ossec/logs/riposte-alerts.log', JSON.stringify(alert));
  assert.equal(
    [event?.['source.ip'], event?.['event.severity'], event?.['rule.id'], event?.message],
    ['2001:db8::9', 12, '117053', text],
  );
});

test('reads the lines that riposte serve and the responses write', () => {
  const alert = alertLine({
    address: '2001:db8::9',
    time: 1_795_166_136,
    rule: 117_053,
    level: 12,
    description: 'Probe: a file that holds secrets was SERVED.',
    line: line('GET /.env'),
    location: LOCATION,
  });
  assert.equal(found(alert ?? '', 'query', '/var/ossec/logs/riposte-alerts.log'), [
    'a severe attack found by riposte serve',
  ]);
  const writer = { script: '/var/ossec/active-response/bin/route-null.js', name: 'route-null.js' };
  for (const write of [wazuhLine, ossecLine]) {
    const outcome = {
      word: 'held',
      reason: 'the "allow" list: blocked: no',
      address: '203.0.113.9',
    } as const;
    const request = { command: 'add', alertId: '1795166986.1', ruleId: 'b' } as const;
    const written = write(writer, request, outcome, new Date('2026-11-02T09:00:00Z'));
    const event = decode(PACK.decoders, '/var/ossec/logs/active-responses.log', written);
    assert.equal(found(written, 'query', '/var/ossec/logs/active-responses.log'), ['response held']);
    assert.equal(
      [event?.['source.ip'], event?.['event.reason'], event?.['event.outcome']],
      ['203.0.113.9', outcome.reason, 'failure'],
    );
  }
});

test('gives the results of responses at most the level medium, so that a failure starts no other response', () => {
  for (const rule of PACK.rules) {
    const { result } = rule.detection as { result?: Record<string, string> };
    if (result?.['event.dataset'] !== 'riposte-response') continue;
    assert.ok(['informational', 'low', 'medium'].includes(String(rule.level)), rule.metadata.title);
  }
});

test('has only rules whose titles, products and sizes an indexer accepts', () => {
  const titles = PACK.rules.map(({ metadata }) => metadata.title);
  assert.is(new Set(titles).size, titles.length);
  for (const rule of PACK.rules) {
    assert.match(rule.metadata.title, /^.{1,256}$/);
    assert.is((rule.logsource as { product: string }).product, PACK.integration.metadata.title);
    for (const selection of Object.values(rule.detection as object).flat())
      for (const values of Object.values(typeof selection === 'object' ? selection : {}))
        assert.ok([values].flat().length <= 400, rule.metadata.title);
  }
});

test('has no expression that Lucene refuses as too complex', () => {
  for (const expression of new Set(PACK.rules.flatMap(({ detection }) => expressionsIn(detection))))
    assert.ok(determinizeEffort(expression, 100_000) < 50_000, expression);
  assert.ok(determinizeEffort('.*[$][{][!-|~]{0,60}[$][{][!-|~]{1,40}[}].*', 100_000) > 100_000);
});

function expressionsIn(detection: unknown): string[] {
  if (typeof detection !== 'object' || detection === null) return [];
  return Object.entries(detection).flatMap(([key, value]) =>
    key.endsWith('|re') ? [value].flat().map(String) : expressionsIn(value),
  );
}

test('writes decoders as YAML that reads back as the same decoders', () => {
  for (const decoder of [PACK.rootDecoder, ...PACK.decoders])
    assert.equal(readYaml(toYaml(decoder)), decoder);
});

test.run();
