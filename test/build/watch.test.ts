import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { builtFolders, rebuildOnChange } from '../../build/watch.ts';
import { eventually } from '../lab/server.ts';

const test = suite<{ folder: string }>('rebuilding on change');

test.before.each((it) => {
  it.folder = mkdtempSync(join(tmpdir(), 'riposte-watch-'));
  mkdirSync(join(it.folder, 'inner'));
  writeFileSync(join(it.folder, 'inner/rules.xml'), '');
});

test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

test('builds at the start, and again when a file is changed or added', async ({ folder }) => {
  // The files and texts that each build finds. If the kernel reports a change in parts, it causes several builds.
  const found: string[] = [];
  const watching = await rebuildOnChange([folder], async () => {
    const names = readdirSync(join(folder, 'inner')).sort();
    found.push(names.map((name) => `${name}:${readFileSync(join(folder, 'inner', name), 'utf8')}`).join());
  });
  await eventually('it builds', async () => found.length > 0);
  writeFileSync(join(folder, 'inner/rules.xml'), '<rule/>');
  await eventually('it builds the change', async () => found.at(-1) === 'rules.xml:<rule/>');
  writeFileSync(join(folder, 'inner/new.ts'), '');
  await eventually('it builds the new file', async () => found.at(-1) === 'new.ts:,rules.xml:<rule/>');
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
  await eventually('it builds again', async () => texts.length >= 4);
  await watching.close();
  assert.equal(texts.slice(0, 4), ['begun', 'ended', 'begun', 'ended']);
});

test('watches the built folders, and neither tests nor its own output', () => {
  const names = builtFolders().map((folder) => basename(folder));
  for (const name of ['active-response', 'build', 'decoders', 'rules']) assert.ok(names.includes(name), name);
  for (const name of ['dist', 'node_modules', 'test']) assert.not(names.includes(name), name);
});

test.run();
