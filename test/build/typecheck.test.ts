import { readdir, readFile, realpath } from 'node:fs/promises';
import { relative } from 'node:path';
import { execa } from 'execa';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

/** The TypeScript files of the repository. */
async function sources(): Promise<string[]> {
  const folders = (await readdir('.', { withFileTypes: true })).filter(
    (entry) => entry.isDirectory() && !['node_modules', 'dist', '.git'].includes(entry.name),
  );
  const files = await Promise.all(
    folders.map(async ({ name }) =>
      (await readdir(name, { recursive: true })).map((file) => `${name}/${file}`),
    ),
  );
  return files.flat().filter((file) => file.endsWith('.ts'));
}

/** The files that a run of tsc reads. */
async function readBy(command: string): Promise<string[]> {
  const [program = '', ...args] = command.replace('--noEmit', '--listFilesOnly').split(' ');
  const { stdout } = await execa(program, args, { preferLocal: true });
  const root = await realpath('.');
  return stdout.split('\n').map((file) => relative(root, file));
}

test('npm run typecheck reads every TypeScript file', async () => {
  const { scripts } = JSON.parse(await readFile('package.json', 'utf8'));
  const runs = await Promise.all(String(scripts.typecheck).split(' && ').map(readBy));
  const checked = new Set(runs.flat());
  assert.equal(
    (await sources()).filter((file) => !checked.has(file)),
    [],
  );
});

test.run();
