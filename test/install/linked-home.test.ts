import { createHash } from 'node:crypto';
import { mkdir, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
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

test('removes nothing when one update names the home by its link, and another by its real path', async () => {
  await move();
  assert.is((await riposte('install')).exitCode, 0);
  const installed = snapshot(tree.root);
  for (const named of [['--home', '/var/ossec'], []]) {
    const { exitCode, out } = await riposte('install', ...named);
    assert.is(exitCode, 0);
    assert.match(out, 'nothing to do');
    assert.equal(differences(installed, snapshot(tree.root)), []);
  }
  const other = await riposte('install', '--home', '/data/ossec');
  assert.is(other.exitCode, 0, other.err);
  assert.match(other.out, 'found OSSEC 4.2.0, server, in /data/ossec\n');
  assert.not.match(other.out, 'removed');
  assert.is((await riposte('install')).exitCode, 0);
  const others = differences(installed, snapshot(tree.root)).filter(
    (line) => !line.endsWith('.before-riposte'),
  );
  assert.equal(others, []);
});

test('uses the home’s name as given, so that the link may later lead to another directory', async () => {
  await move();
  const { out } = await riposte('install');
  assert.match(out, 'found OSSEC 4.2.0, server, in /var/ossec\n');
  assert.is(await readlink(join(tree.root, 'usr/local/bin/riposte')), '/var/ossec/bin/riposte');
  assert.match(await readFile(join(tree.root, 'etc/cron.d/riposte'), 'utf8'), 'sweep --home /var/ossec ');
  assert.match(
    await tree.read('etc/ossec.conf'),
    '<location>/var/ossec/logs/active-responses.log</location>',
  );
  await rename(join(tree.root, 'data/ossec'), join(tree.root, 'data/larger'));
  await rm(tree.home);
  await symlink('../data/larger', tree.home);
  assert.match((await riposte('install')).out, 'nothing to do');
  assert.is((await riposte('uninstall')).exitCode, 0);
});

test('replaces the files of an installation for which --home was the home’s real path', async () => {
  await move();
  await riposte('install', '--home', '/data/ossec');
  const old = '<!-- an older version -->\n';
  await tree.write('rules/riposte_scanners.xml', old);
  const manifest = tree.path('var/riposte/installed.json');
  const json = JSON.parse(await readFile(manifest, 'utf8'));
  json.files['/data/ossec/rules/riposte_scanners.xml'] = [createHash('sha256').update(old).digest('hex')];
  await writeFile(manifest, JSON.stringify(json));
  const { exitCode, out, err } = await riposte('install');
  assert.is(exitCode, 0, err);
  assert.match(out, 'replaced /var/ossec/rules/riposte_scanners.xml');
  assert.not.match(out, 'was edited');
});

test('keeps all files at the next install of a moved home, and removes all files at uninstall', async () => {
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

test('finds a manager only once when two names lead to it', async () => {
  await mkdir(join(tree.root, 'opt'));
  await rename(tree.home, join(tree.root, 'opt/ossec'));
  await symlink('../opt/ossec', tree.home);
  assert.equal(
    findManagers(tree.root).map(({ home }) => home),
    [tree.home],
  );
});

test('refuses an absolute link that leads from another host’s file system into this host’s file system', async () => {
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
