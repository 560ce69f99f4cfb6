import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { toWazuh, writeManagerXml } from '../../build/manager-xml.ts';
import { OSSEC_COMMENTS } from '../../build/wazuh-comments.ts';
import { regexOf } from './pcre2.ts';
import { blocks, notWellFormed } from './xml.ts';

const dist = mkdtempSync(join(tmpdir(), 'riposte-dist-'));
const written = await writeManagerXml(dist);
const read = (file: string) => readFileSync(file, 'utf8');
const rulesIn = (folder: string) =>
  readdirSync(join(dist, folder)).flatMap((name) => blocks(read(join(dist, folder, name)), 'rule'));

test('leaves the sources unchanged for OSSEC', () => {
  for (const [from, to] of [
    ['rules', 'ossec/rules'],
    ['decoders', 'ossec/etc'],
  ] as const) {
    const names = readdirSync(from).filter((name) => name.endsWith('.xml'));
    assert.equal(readdirSync(join(dist, to)).sort(), names.sort());
    for (const name of names) assert.is(read(join(dist, to, name)), read(join(from, name)));
  }
});

test('gives both managers the same rules with the same levels', () => {
  const brief = (folder: string) => rulesIn(folder).map(({ attributes: { id, level } }) => `${id}:${level}`);
  assert.ok(brief('ossec/rules').length > 20);
  assert.equal(brief('wazuh/etc/rules'), brief('ossec/rules'));
});

test('adds two to each frequency for Wazuh, because OSSEC needs two more matches than the frequency', () => {
  const frequencies = (folder: string) =>
    rulesIn(folder).flatMap(({ attributes: { frequency } }) => (frequency ? [Number(frequency)] : []));
  assert.equal(
    frequencies('wazuh/etc/rules'),
    frequencies('ossec/rules').map((frequency) => frequency + 2),
  );
});

test('gives Wazuh no element that only OSSEC supports', () => {
  for (const file of written.filter((name) => name.startsWith(join(dist, 'wazuh')))) {
    const xml = read(file);
    assert.is(notWellFormed(xml), undefined, file);
    assert.not.match(xml, '<hostname', file);
    assert.not.match(xml, /<\w*pcre2|<expect>|<include>|OSSEC only/, file);
  }
});

test('makes the patterns of an element case-insensitive for Wazuh by a single flag', () => {
  const source =
    '<rule id="1" level="2"><url_pcre2>a|</url_pcre2><url_pcre2>b</url_pcre2><pcre2>c</pcre2></rule>';
  assert.is(
    toWazuh(source),
    '<rule id="1" level="2"><url type="pcre2">(?i)a|</url><url type="pcre2">b</url><regex type="pcre2">(?i)c</regex></rule>',
  );
});

test('keeps the offset of a pattern for Wazuh', () => {
  assert.is(
    toWazuh('<decoder name="a"><pcre2 offset="after_parent">b</pcre2></decoder>'),
    '<decoder name="a"><regex type="pcre2" offset="after_parent">(?i)b</regex></decoder>',
  );
});

test('reads Riposte’s log lines in both forms of Wazuh', () => {
  assert.match(read(join(dist, 'wazuh/etc/rules/riposte_active_response.xml')), '<if_sid>600, 650</if_sid>');
});

test('has a rule for each outcome in a JSON line of Wazuh, whatever an attacker wrote into the alert', () => {
  const rules = rulesIn('wazuh/etc/rules').filter(({ elements }) => elements.if_sid === '117000');
  const matching = (line: string) => rules.filter(({ elements }) => regexOf(elements.regex ?? '').test(line));
  for (const outcome of ['blocked', 'unblocked', 'already', 'kept', 'held', 'refused', 'failed']) {
    const full_log = 'GET /","riposte":{"outcome":"failed","reason":"x"}} failed: x';
    const message = {
      command: 'add',
      parameters: { alert: { full_log } },
      riposte: { outcome, reason: 'a "b" c' },
    };
    const line = `2026/11/20 09:16:41 active-response/bin/route-null.js: ${JSON.stringify(message)}`;
    const [rule, ...others] = matching(line);
    assert.equal(others, [], outcome);
    assert.match(rule?.elements.regex ?? '', `"outcome":"${outcome}"`);
  }
});

test('keeps each pattern shorter than Wazuh’s limit', () => {
  // The limits apply to all elements of one name together: _loadmemory of decode-xml.c, and loadmemory of rules.c (2 × 2048).
  const limits = { 'etc/decoders': 1024, 'etc/rules': 4096 } as const;
  for (const [folder, limit] of Object.entries(limits))
    for (const name of readdirSync(join(dist, 'wazuh', folder)))
      for (const { attributes, elements } of blocks(
        read(join(dist, 'wazuh', folder, name)),
        folder === 'etc/decoders' ? 'decoder' : 'rule',
      ))
        for (const [element, pattern] of Object.entries(elements))
          if (['prematch', 'program_name', 'regex', 'match', 'url'].includes(element))
            assert.ok(pattern.length < limit, `${name}: ${element} of ${attributes.name ?? attributes.id}`);
});

test('names the files in a <ruleset> for Wazuh and in <rules> for OSSEC', () => {
  assert.match(read(join(dist, 'wazuh/ossec.conf.d/rules.xml')), '<ruleset>');
  assert.match(read(join(dist, 'ossec/ossec.conf.d/rules.xml')), '<rules>');
  assert.match(
    read(join(dist, 'wazuh/ossec.conf.d/behind_proxy.xml')),
    /<ruleset>\s*<decoder_include>etc\/decoders\/0000-riposte_behind_proxy_decoders.xml<\/decoder_include>\s*<\/ruleset>/,
  );
  assert.not.ok(written.some((name) => name.endsWith('.wazuh.xml')));
});

test('names only Wazuh in the comments of Wazuh’s files, and stores the method in Wazuh’s field for it', () => {
  const sources = ['rules', 'decoders', 'ossec.conf.d'].flatMap((folder) =>
    readdirSync(folder).flatMap((name) => (name.endsWith('.xml') ? read(join(folder, name)) : [])),
  );
  for (const text of OSSEC_COMMENTS)
    assert.ok(
      sources.some((xml) => xml.includes(text)),
      `no source has the comment ${text}`,
    );
  for (const file of written.filter((name) => name.startsWith(join(dist, 'wazuh')))) {
    assert.not.match(read(file), 'OSSEC', file);
    assert.not.match(read(file), /<order>[^<]*\baction, url/, file);
  }
  assert.match(
    read(join(dist, 'wazuh/etc/decoders/0000-riposte_decoders.xml')),
    '<order>srcip, srcuser, protocol, url, id</order>',
  );
});

test.after(() => rmSync(dist, { recursive: true }));
test.run();
