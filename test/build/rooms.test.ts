import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cycles, forbiddenImports, importsOf } from '../../build/rooms.ts';

const ROOMS = [
  'active-response',
  'base',
  'cli',
  'daemon',
  'doctor',
  'engine',
  'evaluate',
  'install',
  'judgement',
  'logs',
  'metrics',
  'notify',
  'report',
  'serve',
];

/** The forbidden imports and cycles in a repository of these files, by path. */
function faultsIn(files: Readonly<Record<string, string>>): [forbidden: string[], cycles: string[]] {
  const root = mkdtempSync(join(tmpdir(), 'riposte-rooms-'));
  try {
    for (const room of ROOMS) mkdirSync(join(root, room));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(root, dirname(path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    const imports = importsOf(root);
    return [forbiddenImports(imports), cycles(imports)];
  } finally {
    rmSync(root, { recursive: true });
  }
}

test('finds no forbidden import and no cycle in the repository', () => {
  const imports = importsOf('.');
  assert.ok(imports.size > 400);
  assert.equal([forbiddenImports(imports), cycles(imports)], [[], []]);
});

test('covers every folder that holds TypeScript of the product', () => {
  const folders = readdirSync('.', { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .filter((name) => !['bench', 'build', 'dist', 'node_modules', 'packaging', 'test'].includes(name))
    .filter((name) =>
      readdirSync(name, { recursive: true, encoding: 'utf8' }).some((file) => file.endsWith('.ts')),
    );
  assert.equal(folders.sort(), ROOMS);
});

test('refuses an import from a folder above, even a type import or a dynamic import', () => {
  const [forbidden] = faultsIn({
    'logs/a.ts': "import type { B } from '../cli/b.ts';\nimport { c } from '../base/c.ts';\n",
    'serve/later.ts': "const load = () => import('../daemon/d.ts');\n",
    'cli/b.ts': "import { a } from '../logs/a.ts';\n",
  });
  assert.equal(forbidden.sort(), ['logs/a.ts -> cli/b.ts', 'serve/later.ts -> daemon/d.ts']);
});

test('refuses a cycle within a folder', () => {
  const [, found] = faultsIn({
    'logs/a.ts': "import { b } from './b.ts';\n",
    'logs/b.ts': "import { c } from './deep/c.ts';\n",
    'logs/deep/c.ts': "import type { A } from '../a.ts';\n",
  });
  assert.equal(found, ['logs/a.ts -> logs/b.ts -> logs/deep/c.ts -> logs/a.ts']);
});

test.run();
