import { lstat, mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { EX } from '../../base/errors.ts';
import { ManagerTree } from '../lab/manager-tree.ts';
import { labSuite } from '../lab/suite.ts';
import { snapshot } from '../lab/tree-snapshot.ts';
import { run } from './run.ts';

const test = labSuite('install beside a manager’s account that an attacker has taken over');
let tree: ManagerTree;
let precious: string;

test.before.each(async () => {
  tree = await ManagerTree.create('ossec-server');
  precious = join(tree.root, 'precious');
  await writeFile(precious, 'precious', { mode: 0o600 });
});
test.after.each(() => tree.remove());

const install = () => run(['install', '--root', tree.root]);

/** Lists all files. A snapshot would read every file, and would wait for the pipe. */
const listing = async () => (await execa('ls', ['-lAR', '--full-time', tree.root])).stdout;

/** Checks that a file that only root may read is unchanged. */
async function checkPrecious(): Promise<void> {
  const { mode, uid, gid } = await stat(precious);
  assert.equal([await readFile(precious, 'utf8'), mode & 0o777, uid, gid], ['precious', 0o600, 0, 0]);
}

for (const [what, lay] of [
  ['a link', (path: string) => symlink(precious, path)],
  ['a pipe', (path: string) => execa('mkfifo', [path])],
  ['a directory', (path: string) => mkdir(path)],
] as const) {
  test(`changes nothing when ${what} replaces ar.conf`, async () => {
    await rm(tree.path('etc/shared/ar.conf'));
    await lay(tree.path('etc/shared/ar.conf'));
    const before = await listing();
    const { exitCode, err } = await install();
    assert.is(exitCode, EX.IOERR);
    assert.match(err, /etc\/shared\/ar\.conf.*move it away/);
    assert.equal(await listing(), before);
    await checkPrecious();
  });

  test(`keeps ${what} in place of active-responses.log, and does not write through it`, async () => {
    await lay(tree.path('logs/active-responses.log'));
    const { ino } = await lstat(tree.path('logs/active-responses.log'));
    assert.is((await install()).exitCode, 0);
    assert.is((await lstat(tree.path('logs/active-responses.log'))).ino, ino);
    await checkPrecious();
  });
}

test('replaces links at temporary names without following them', async () => {
  for (const name of [
    'logs/.active-responses.log.riposte-new',
    'etc/.riposte.conf.riposte-new',
    'etc/.ossec.conf.riposte',
    'etc/..ossec.conf.riposte.riposte-new',
    'etc/.ar.conf.riposte-new',
  ])
    await symlink(precious, tree.path(name));
  assert.is((await install()).exitCode, 0);
  assert.equal(
    [...snapshot(tree.root).keys()].filter((path) => path.includes('.riposte')),
    [],
  );
  await checkPrecious();
});

test('creates no ar.conf for a manager that was never started', async () => {
  await rm(tree.path('etc/shared/ar.conf'));
  assert.is((await install()).exitCode, 0);
  assert.not.ok([...snapshot(tree.root).keys()].some((path) => path.endsWith('ar.conf')));
});

test.run();
