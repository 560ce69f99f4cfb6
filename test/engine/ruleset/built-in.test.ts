import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../engine/engine.ts';
import { compilePattern } from '../../../engine/pattern/pattern.ts';
import { builtInSources, builtInXml } from '../../../engine/ruleset/built-in.ts';
import { loadRuleset } from '../../../engine/ruleset/ruleset.ts';
import type { Element } from '../../../engine/xml/element.ts';
import { readXml } from '../../../engine/xml/read-xml.ts';

const engine = () =>
  new Engine(loadRuleset(builtInSources('ossec', false)), { counting: 'shared', host: 'here' });
const log = (request: string, code: number, agent = 'Mozilla/5.0') =>
  `203.0.113.9 - - [20/Nov/2026:09:00:00 +0000] "${request} HTTP/1.1" ${code} 10 "-" "${agent}"`;

for (const [what, line, decoder, stock] of [
  ['a plain page', log('GET /a', 200), 'web-accesslog', 31108],
  ['a missing page', log('GET /a', 404), 'web-accesslog', 31101],
  ['a missing image', log('GET /a.png', 404), 'web-accesslog', 31102],
  ['a server error', log('GET /a', 500), 'web-accesslog', 31122],
  [
    "Apache 2.2's error log",
    '[error] [client 203.0.113.9] client denied by server configuration: /x',
    'apache-errorlog',
    30105,
  ],
  [
    'an active response',
    'Fri Nov 20 09:29:46 UTC 2026 /var/ossec/active-response/bin/route-null.sh add - 203.0.113.77 1795166986.1 100508',
    'ar_log',
    605,
  ],
] as const) {
  test(`the stand-ins for stock decoders and rules recognize ${what}`, () => {
    const event = engine().judge(line, 1000);
    assert.equal([event.decoder?.name, event.rule?.id], [decoder, stock]);
  });
}

test('fires the stand-in for 31151 on the fourteenth missing page', () => {
  const judge = engine();
  const ids = Array.from({ length: 15 }, (_, i) => judge.judge(log(`GET /old${i}`, 404), 1000).rule?.id);
  assert.equal(ids.map((id) => id === 31151).indexOf(true), 13);
});

test('fires the stand-in for 31151 on the fourteenth missing page in the dialect of Wazuh, too', () => {
  const judge = new Engine(loadRuleset(builtInSources('wazuh', false)), { counting: 'keyed' });
  const ids = Array.from({ length: 15 }, (_, i) => judge.judge(log(`GET /old${i}`, 404), 1000).rule?.id);
  assert.is(ids.indexOf(31151), 13);
});

/** Yields the position and text of each pattern below an element. Children with the same name form one pattern. */
function* patternsOf(element: Element): Generator<[string, string]> {
  const texts = new Map<string, string>();
  for (const { name, text } of element.children) {
    if (name.endsWith('pcre2')) texts.set(name, (texts.get(name) ?? '') + text);
  }
  for (const text of texts.values()) yield [`${element.position.file}:${element.position.line}`, text];
  for (const child of element.children) yield* patternsOf(child);
}

test('contains no pattern whose work grows faster than the square of the length', () => {
  const { standIns, decoders, rules } = builtInXml('ossec');
  for (const { text, file } of [...standIns, ...decoders, ...rules]) {
    for (const [position, pattern] of readXml(text, file).flatMap((root) => [
      ...patternsOf({ ...root, children: [root] }),
    ])) {
      assert.ok(compilePattern('pcre2', pattern).degree <= 2, `${position}: ${pattern}`);
    }
  }
});

test('decodes a URL of 60 KB, and fires the rule for long URLs', () => {
  const event = engine().judge(log(`GET /${'a'.repeat(60_000)}`, 404), 1000);
  assert.equal([event.decoder?.name, event.srcip, event.rule?.id], ['web-accesslog', '203.0.113.9', 31115]);
});

test.run();
