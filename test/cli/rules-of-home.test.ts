import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readArguments } from '../../cli/arguments.ts';
import { originOfRules, RULESET_OPTIONS, rulesetOf } from '../../cli/options/ruleset.ts';
import { temporaryDirectory } from '../active-response/support.ts';

const STOCK = ['stock_01_templates.xml', 'stock_02_web_rules.xml', 'stock_03_other_rules.xml'];
const ALL_4XX = 117074;
const SCANNERS = 117053;
const BEHIND_PROXY = /behind_proxy/;

/** A manager's home with stand-ins for its stock rules, and with these files of Riposte. */
function homeWith(ours: readonly string[]): string {
  const home = temporaryDirectory();
  for (const directory of ['etc', 'rules']) mkdirSync(join(home, directory));
  for (const name of STOCK) copyFileSync(join('engine/stand-ins', name), join(home, 'rules', name));
  copyFileSync('engine/stand-ins/stock_decoders.xml', join(home, 'etc/decoder.xml'));
  for (const name of ours) copyFileSync(join('rules', name), join(home, 'rules', name));
  copyFileSync('decoders/riposte_decoders.xml', join(home, 'etc/riposte_decoders.xml'));
  const decoders = [...(ours.length > 0 ? ['riposte_decoders.xml'] : []), 'decoder.xml'];
  const entries = [
    ...decoders.map((name) => `<decoder>etc/${name}</decoder>`),
    ...[...STOCK, ...ours].map((name) => `<include>${name}</include>`),
  ];
  writeFileSync(
    join(home, 'etc/ossec.conf'),
    `<ossec_config><rules>${entries.join('')}</rules></ossec_config>`,
  );
  return home;
}

const loaded = (home: string, ...more: string[]) => {
  const given = readArguments(['--home', home, ...more], RULESET_OPTIONS);
  return { ids: rulesetOf(given, undefined, () => {}).rules.byId, origin: originOfRules(given) };
};

const installed = readdirSync('rules').filter(
  (name) => name.endsWith('.xml') && !BEHIND_PROXY.test(name) && !name.endsWith('bursts_any.xml'),
);

test('loads the installed rules, and no others', () => {
  const some = installed.filter((name) => !name.includes('modsecurity'));
  const { ids, origin } = loaded(homeWith(some));
  assert.not(ids.has(ALL_4XX));
  assert.equal(
    [...ids.values()].filter(({ position }) => position.file.includes('modsecurity')),
    [],
  );
  assert.match(
    origin ?? '',
    `etc/ossec.conf names: ${STOCK.length + some.length} files, ${some.length} of them Riposte’s`,
  );
});

test('loads the rules for all 4xx answers when they are installed', () => {
  assert.ok(loaded(homeWith([...installed, 'riposte_web_bursts_any.xml'])).ids.has(ALL_4XX));
});

test('adds the rules that an install would add when Riposte is not installed, and says so', () => {
  const { ids, origin } = loaded(homeWith([]));
  assert.ok(ids.has(SCANNERS));
  assert.not(ids.has(ALL_4XX));
  assert.match(origin ?? '', 'and Riposte’s own, which are not installed there');
});

test('says nothing about the origin of the rules when there is no manager', () => {
  assert.is(originOfRules(readArguments([], RULESET_OPTIONS)), undefined);
});

test.run();
