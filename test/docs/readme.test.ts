import { readFile, stat } from 'node:fs/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const readme = await readFile('README.md', 'utf8');
const { scripts } = JSON.parse(await readFile('package.json', 'utf8'));

test('README is at most 6,144 bytes', () => {
  assert.ok(Buffer.byteLength(readme) <= 6144, `${Buffer.byteLength(readme)} bytes`);
});

test('its picture is at most 150 KB', async () => {
  const [, picture = ''] = /!\[[^\]]+\]\(([^)]+)\)/.exec(readme) ?? [];
  assert.ok((await stat(picture)).size <= 150_000);
});

test('the way out for a locked-out reader comes first', () => {
  assert.match(readme, /^# Riposte\n\n\*\*\[Locked out\?\]\(docs\/locked-out\.md\)\*\*\n/);
});

test('each npm script that README names exists', () => {
  const named = [...readme.matchAll(/\bnpm (?:run )?(\w+)/g)].map(([, name = '']) => name);
  assert.ok(named.includes('start') && named.includes('test'));
  for (const name of named) assert.ok(name === 'ci' || Object.hasOwn(scripts, name), name);
});

test.run();
