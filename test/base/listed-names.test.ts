import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { listedNames } from '../../base/listed-names.ts';
import { temporaryDirectory } from '../active-response/support.ts';

const COUNT = 1_200;

/** A time long after the last change of a directory. */
const LATER = Date.now() + 3_600_000;

function filled(count = COUNT) {
  const root = temporaryDirectory();
  const [directory, copy] = [join(root, 'entries'), join(root, 'copies/names')];
  mkdirSync(directory);
  for (let index = 0; index < count; index++) writeFileSync(join(directory, `${index}.json`), '');
  return { directory, copy, names: (now = LATER) => listedNames(directory, copy, now).sort() };
}

function copied() {
  const it = filled();
  it.names();
  assert.ok(existsSync(it.copy));
  return it;
}

test('takes the names from the copy while the directory is unchanged', () => {
  const it = copied();
  assert.equal(it.names(), readdirSync(it.directory).sort());
  writeFileSync(it.copy, readFileSync(it.copy, 'utf8').replace('\n7.json\n', '\nseven.json\n'));
  assert.ok(it.names().includes('seven.json'));
});

for (const [what, change] of [
  ['a new name', (directory: string) => writeFileSync(join(directory, 'new'), '')],
  ['a missing name', (directory: string) => rmSync(join(directory, '7.json'))],
  ['another name', (directory: string) => renameSync(join(directory, '7.json'), join(directory, 'seven'))],
  [
    'another directory in the same place',
    (directory: string) => {
      rmSync(directory, { recursive: true });
      mkdirSync(directory);
    },
  ],
] as const)
  test(`notices ${what}, before and after it makes a new copy`, () => {
    const it = copied();
    change(it.directory);
    assert.equal(it.names(), readdirSync(it.directory).sort());
    assert.equal(it.names(), readdirSync(it.directory).sort());
    assert.equal(it.names(), readdirSync(it.directory).sort());
  });

test('makes no copy just after a change, because another change could get the same timestamp', () => {
  const it = filled();
  it.names(Date.now());
  assert.not.ok(existsSync(it.copy));
});

test('makes no copy of a few names', () => {
  const it = filled(10);
  assert.is(it.names().length, 10);
  assert.not.ok(existsSync(it.copy));
});

for (const [what, damage] of [
  ['that is cut off', (text: string) => text.slice(0, -20)],
  ['that is empty', () => ''],
  ['of another state of the directory', (text: string) => `1${text}`],
] as const)
  test(`ignores a copy ${what}`, () => {
    const it = copied();
    writeFileSync(it.copy, damage(readFileSync(it.copy, 'utf8').replace('\n7.json\n', '\nseven.json\n')));
    assert.equal(it.names(), readdirSync(it.directory).sort());
  });

test('lists the directory when it cannot write a copy', () => {
  const it = filled();
  writeFileSync(join(it.directory, '../copies'), 'a file in the place of the directory');
  assert.is(it.names().length, COUNT);
});

test('fails with the error of the listing when the directory is missing', () => {
  const root = temporaryDirectory();
  assert.throws(() => listedNames(join(root, 'none'), join(root, 'copy')), /ENOENT/);
});

test('makes a copy that other accounts cannot read', () => {
  const it = copied();
  assert.is(statSync(it.copy).mode & 0o027, 0);
});

test.run();
