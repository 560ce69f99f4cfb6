import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Home, homeAt } from '../../../active-response/home.ts';
import { packFile } from '../../../base/pack-overlay.ts';
import {
  choosePack,
  chosenFile,
  dropOtherPacks,
  PROGRAM_RULES,
  packInForce,
  readChosen,
  usePackOf,
} from '../../../evaluate/rule-pack/chosen-pack.ts';
import { readPack } from '../../../evaluate/rule-pack/pack.ts';
import { temporaryDirectory } from '../../active-response/support.ts';
import { packOf } from './packs.ts';

function choose(home: Home, text: string, before: string | null = null) {
  const bytes = Buffer.from(text);
  const { name } = readPack(bytes, 'pack', 'source');
  choosePack(home, { current: name, before, over: PROGRAM_RULES }, bytes);
  return name;
}

test('uses the chosen pack, or the program’s own rules when no pack is chosen', () => {
  const home = homeAt(temporaryDirectory());
  assert.is(packInForce(home), undefined);
  const name = choose(home, packOf({ 'rules/a.xml': 'new' }));
  assert.is(packInForce(home)?.name, name);
  const goBack = usePackOf(home, assert.unreachable);
  assert.is(packFile('rules/a.xml'), 'new');
  goBack();
  assert.is(packFile('rules/a.xml'), undefined);
});

test('prefers the rules of a newer program, unless --allow has chosen an older pack', () => {
  const home = homeAt(temporaryDirectory());
  const older = packOf({ 'rules/a.xml': 'old' }, { version: '19690101.000000' });
  const name = choose(home, older);
  assert.is(packInForce(home)?.name, name);
  writeFileSync(chosenFile(home), JSON.stringify({ current: name, before: null, over: '19680101.000000' }));
  assert.is(packInForce(home), undefined);
});

test('warns of a damaged pack, and uses the program’s own rules', () => {
  const home = homeAt(temporaryDirectory());
  const name = choose(home, packOf({ 'rules/a.xml': 'new' }));
  const file = join(home.data, 'rules', name);
  const damages: [() => void, RegExp][] = [
    [() => writeFileSync(file, packOf({ 'rules/a.xml': 'other' })), /is damaged/],
    [() => writeFileSync(file, 'x'), /is not a pack/],
    [() => rmSync(file), /is missing/],
    [() => writeFileSync(chosenFile(home), '{"current":"../../x"}'), /chosen\.json is damaged/],
  ];
  for (const [damage, why] of damages) {
    damage();
    let said = '';
    usePackOf(home, (message) => {
      said = message;
    });
    assert.match(said, why);
    assert.is(packFile('rules/a.xml'), undefined);
  }
});

test('keeps the previous pack, and removes older packs and files that killed runs have left', () => {
  const home = homeAt(temporaryDirectory());
  const names = ['1', '2', '3'].map((text, index, all) =>
    choose(home, packOf({ a: text }), index === 0 ? null : nameOf(all[index - 1] ?? '')),
  );
  mkdirSync(join(home.data, 'rules'), { recursive: true });
  writeFileSync(join(home.data, 'rules/.chosen.json.1.tmp'), '');
  dropOtherPacks(home);
  assert.equal(readdirSync(join(home.data, 'rules')).sort(), [...names.slice(1), 'chosen.json'].sort());
  assert.is(readChosen(home).before, names[1]);
});

const nameOf = (text: string) => readPack(Buffer.from(packOf({ a: text })), 'pack', 'source').name;

test.run();
