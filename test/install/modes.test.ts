import { chown, cp, lstat, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { EX } from '../../base/errors.ts';
import { ManagerTree } from '../lab/manager-tree.ts';
import { labSuite } from '../lab/suite.ts';
import { differences, snapshot } from '../lab/tree-snapshot.ts';
import { run } from './run.ts';

const test = labSuite('install: owners, modes and links');
let tree: ManagerTree;

test.before.each(async () => {
  tree = await ManagerTree.create('ossec-server');
});
test.after.each(() => tree.remove());

const riposte = (...args: string[]) => run([...args, '--root', tree.root]);

test('sets the same modes under a strict umask', async () => {
  const copy = await ManagerTree.create('ossec-server');
  await riposte('install');
  const prefix = ['sh', '-c', 'umask 077; exec "$@"', 'sh'];
  await run(['install', '--root', copy.root], { prefix });
  assert.equal(differences(snapshot(tree.root), snapshot(copy.root)), []);
  await copy.remove();
});

test('replaces a script that belongs to another account', async () => {
  await riposte('install');
  const installed = snapshot(tree.root);
  await chown(tree.path('active-response/bin/route-null.js'), 1234, 1);
  assert.match((await riposte('install')).out, 'replaced /var/ossec/active-response/bin/route-null.js');
  assert.equal(differences(installed, snapshot(tree.root)), []);
});

test('the next install and an uninstall keep a foreign link in place of Riposte’s link', async () => {
  await riposte('install');
  const link = join(tree.root, 'usr/local/bin/riposte');
  await rm(link);
  await symlink('/somewhere/else', link);
  assert.match((await riposte('install')).out, 'is not Riposte');
  assert.is((await riposte('uninstall')).exitCode, 0);
  assert.ok((await lstat(link)).isSymbolicLink());
});

test('removes neither of two installations when --home names none', async () => {
  await riposte('install');
  await cp(tree.home, join(tree.root, 'opt/ossec'), { recursive: true, preserveTimestamps: true });
  const { exitCode, err } = await riposte('uninstall');
  assert.is(exitCode, EX.USAGE);
  assert.match(err, /Riposte is in .*var\/ossec and in .*opt\/ossec; name one by --home/);
});

test.run();
