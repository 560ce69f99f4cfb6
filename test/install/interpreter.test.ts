import { chmod, chown, copyFile, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EX } from '../../base/errors.ts';
import { demandRoots, interpreter, interpreterIn, withInterpreter } from '../../install/interpreter.ts';

test('prefers a stable path of a program to a path with a version', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'riposte-node-'));
  const plain = join(directory, 'node');
  await symlink(process.execPath, plain);
  assert.is(interpreter(process.execPath, ['/bin/sh', join(directory, 'missing'), plain]), plain);
  assert.is(interpreter(process.execPath, ['/bin/sh']), process.execPath);
  await rm(directory, { recursive: true });
});

test('gives advice when the kernel does not accept the path', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'riposte node '));
  const another = await mkdtemp(join(tmpdir(), 'riposte-node-'));
  const long = join(another, 'x'.repeat(130));
  await symlink(process.execPath, join(directory, 'node'));
  await symlink(process.execPath, long);
  for (const path of [join(directory, 'node'), long]) {
    assert.throws(
      () => interpreter(path, []),
      (error: { exitCode: number; message: string }) =>
        error.exitCode === EX.CONFIG && error.message.includes('/usr/local/bin/node'),
    );
  }
  for (const each of [directory, another]) await rm(each, { recursive: true });
});

const asRoot = process.getuid?.() === 0 ? test : test.skip;

asRoot('refuses an interpreter that other accounts can change or replace', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'riposte-node-'));
  const [bin, node, link] = ['bin', 'bin/node', 'link'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  await mkdir(bin, { mode: 0o755 });
  await copyFile('/bin/sh', node);
  await chmod(node, 0o755);
  await symlink(node, link);
  demandRoots(node);
  for (const [file, change, back] of [
    [node, () => chown(node, 1, 0), () => chown(node, 0, 0)],
    [bin, () => chown(bin, 1, 0), () => chown(bin, 0, 0)],
    [bin, () => chmod(bin, 0o757), () => chmod(bin, 0o755)],
    [bin, () => chown(bin, 0, 1).then(() => chmod(bin, 0o775)), () => chmod(bin, 0o755)],
  ] as const) {
    await change();
    for (const path of [node, link])
      assert.throws(
        () => demandRoots(path),
        (error: { exitCode: number; message: string }) =>
          error.exitCode === EX.CONFIG && error.message.includes(`may change ${file};`),
      );
    await back();
  }
  demandRoots(link);
  await rm(directory, { recursive: true });
});

test('changes only the first line of a script', () => {
  assert.is(withInterpreter('#!/usr/bin/env node\n#!x\n', '/opt/node'), '#!/opt/node\n#!x\n');
});

test('changes only the line that names Node in a shell script', () => {
  const script = (node: string) =>
    `#!/bin/sh\n':' /*\n# node=x\nnode=${node}\nnode=y\n*/\n#!/bin/sh\nnode=z\n`;
  assert.is(withInterpreter(script('node'), '/opt/node'), script('/opt/node'));
  assert.is(interpreterIn(script('/opt/node')), '/opt/node');
});

test('leaves a shell script inside another script alone', () => {
  const carried = '\n#!/bin/sh\nnode=node\n';
  assert.is(withInterpreter(`#!/usr/bin/env node${carried}`, '/opt/node'), `#!/opt/node${carried}`);
});

test.run();
