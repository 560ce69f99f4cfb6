import { mkdir, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { EX } from '../../base/errors.ts';
import { findManagers } from '../../install/manager/manager.ts';
import { ManagerTree } from '../lab/manager-tree.ts';
import { labSuite } from '../lab/suite.ts';
import { differences, snapshot } from '../lab/tree-snapshot.ts';
import { run } from './run.ts';

const test = labSuite('a home behind a link');
let tree: ManagerTree;

test.before.each(async () => {
  tree = await ManagerTree.create('ossec-server');
});
test.after.each(() => tree.remove());

/** Moves the home to a larger disk, and leaves a link. */
async function move(target = '../data/ossec'): Promise<void> {
  await mkdir(join(tree.root, 'data'));
  await rename(tree.home, join(tree.root, 'data/ossec'));
  await symlink(target, tree.home);
}
const riposte = (...args: string[]) => run([...args, '--root', tree.root]);

test('removes nothing when updated by the link’s name and by the real one', async () => {
  await move();
  assert.is((await riposte('install')).exitCode, 0);
  const installed = snapshot(tree.root);
  for (const named of [['--home', '/var/ossec'], [], ['--home', '/data/ossec']]) {
    const { exitCode, out } = await riposte('install', ...named);
    assert.is(exitCode, 0);
    assert.match(out, 'nothing to do');
    assert.equal(differences(installed, snapshot(tree.root)), []);
  }
});

test('keeps all files at the next install of a moved home, and removes all at uninstall', async () => {
  const before = snapshot(tree.root);
  await riposte('install');
  await move();
  const { exitCode, out } = await riposte('install');
  assert.is(exitCode, 0);
  assert.not.match(out, 'removed');
  assert.is((await riposte('uninstall', '--purge')).exitCode, 0);
  await rm(tree.home);
  await rename(join(tree.root, 'data/ossec'), tree.home);
  await rm(join(tree.root, 'data'), { recursive: true });
  assert.equal(differences(before, snapshot(tree.root)), []);
});

test('counts one manager with two names once', async () => {
  await mkdir(join(tree.root, 'opt'));
  await rename(tree.home, join(tree.root, 'opt/ossec'));
  await symlink('../opt/ossec', tree.home);
  assert.equal(
    findManagers(tree.root).map(({ home }) => home),
    [join(tree.root, 'opt/ossec')],
  );
});

test('refuses an absolute link from another host’s file system into this one', async () => {
  const other = await ManagerTree.create('ossec-server');
  await rm(tree.home, { recursive: true });
  await symlink(other.home, tree.home);
  const before = snapshot(other.root);
  const { exitCode, err } = await riposte('install', '--home', '/var/ossec');
  assert.is(exitCode, EX.USAGE);
  assert.match(err, 'leads out of');
  assert.is((await riposte('install')).exitCode, EX.USAGE);
  assert.equal(differences(before, snapshot(other.root)), []);
  await other.remove();
});

test.run();
