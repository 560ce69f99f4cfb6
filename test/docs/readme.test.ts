import { readFile, stat } from 'node:fs/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const readme = await readFile('README.md', 'utf8');
const { scripts } = JSON.parse(await readFile('package.json', 'utf8'));

test('keeps README within 6,144 bytes', () => {
  assert.ok(Buffer.byteLength(readme) <= 6144, `${Buffer.byteLength(readme)} bytes`);
});

test('keeps the picture of README within 150 KB', async () => {
  const [, picture = ''] = /!\[[^\]]+\]\(([^)]+)\)/.exec(readme) ?? [];
  assert.ok((await stat(picture)).size <= 150_000);
});

test('begins with the link for a locked-out reader', () => {
  assert.match(readme, /^# Riposte\n\n\*\*\[Locked out\?\]\(docs\/locked-out\.md\)\*\*\n/);
});

test('names only npm scripts that exist in README', () => {
  const named = [...readme.matchAll(/\bnpm (?:run )?(\w+)/g)].map(([, name = '']) => name);
  assert.ok(named.includes('start') && named.includes('test'));
  for (const name of named) assert.ok(name === 'ci' || Object.hasOwn(scripts, name), name);
});

test.run();
