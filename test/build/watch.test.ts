import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { builtFolders, rebuildOnChange } from '../../build/watch.ts';

const test = suite<{ folder: string }>('rebuilding on change');

test.before.each((it) => {
  it.folder = mkdtempSync(join(tmpdir(), 'riposte-watch-'));
  mkdirSync(join(it.folder, 'inner'));
  writeFileSync(join(it.folder, 'inner/rules.xml'), '');
});

test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await wait(20);
}

test('builds at the start, and again when a file is changed or comes', async ({ folder }) => {
  let builds = 0;
  const watching = await rebuildOnChange([folder], async () => builds++);
  await until(() => builds === 1);
  writeFileSync(join(folder, 'inner/rules.xml'), '<rule/>');
  await until(() => builds === 2);
  writeFileSync(join(folder, 'inner/new.ts'), '');
  await until(() => builds === 3);
  await watching.close();
});

test('builds again when a file is changed during a build', async ({ folder }) => {
  const texts: string[] = [];
  const watching = await rebuildOnChange([folder], async () => {
    texts.push('begun');
    if (texts.length === 1) writeFileSync(join(folder, 'inner/rules.xml'), '<rule/>');
    await wait(50);
    texts.push('ended');
  });
  await until(() => texts.length === 4);
  await watching.close();
  assert.equal(texts, ['begun', 'ended', 'begun', 'ended']);
});

test('watches the built folders, and neither tests nor its own output', () => {
  const names = builtFolders().map((folder) => basename(folder));
  for (const name of ['active-response', 'build', 'decoders', 'rules']) assert.ok(names.includes(name), name);
  for (const name of ['dist', 'node_modules', 'test']) assert.not(names.includes(name), name);
});

test.run();
