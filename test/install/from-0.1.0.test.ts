import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { runCommand } from '../lab/command.ts';
import { Host } from '../lab/host.ts';
import { ManagerTree } from '../lab/manager-tree.ts';
import { labSuite } from '../lab/suite.ts';
import { differences, snapshot } from '../lab/tree-snapshot.ts';
import { run } from './run.ts';

/**
 * An OSSEC server (ManagerTree) on which version 0.1.0 was installed and has blocked two addresses; then a setting and
 * an allowed address were added. The scripts are cut to 24 lines, and installed.json has their checksums.
 */
const INSTALLED = 'test/install/installed-by-0.1.0.tar.gz';
const test = labSuite('update from 0.1.0', 'nft', 'tar');
const BLOCKED = ['203.0.113.7', '203.0.113.90'];
let root = '';
let home = '';
let host: Host;

test.before.each(async () => {
  root = await mkdtemp(join(tmpdir(), 'riposte-root-'));
  await chmod(root, 0o755);
  await execa('tar', ['-xzf', INSTALLED, '-C', root, '--numeric-owner', '-p']);
  home = join(root, 'var/ossec');
  for (const address of BLOCKED) await prolong(address);
  host = await Host.create('web');
});
test.after.each(async () => {
  await host.remove();
  await rm(root, { recursive: true });
});

/** Lets a block of the ledger last until tomorrow. */
async function prolong(address: string): Promise<void> {
  const file = join(home, `var/riposte/blocks/firewall-drop/${address}.json`);
  const until = new Date(Date.now() + 86_400_000).toISOString();
  await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), until }));
}

const read = (path: string) => readFile(join(home, path), 'latin1');

test('keeps settings, allow list, ledger and journal, and replaces scripts, rules and its part of ossec.conf', async () => {
  const paths = ['etc/riposte.conf', 'etc/riposte.allow', 'etc/riposte.mail', 'var/riposte/events.jsonl'];
  const before = await Promise.all(paths.map(read));
  const { exitCode, out, err } = await run(['install', '--root', root]);
  assert.is(exitCode, 0, err);
  assert.match(out, 'replaced /var/ossec/active-response/bin/firewall-drop.js');
  assert.equal(await Promise.all(paths.map(read)), before);
  assert.is(await read('active-response/bin/firewall-drop.js').then((text) => text.length > 100_000), true);
  assert.equal(
    [...snapshot(root).keys()].filter((path) => basename(path).includes('edited')),
    [],
  );
  assert.match(await read('etc/ossec.conf'), 'riposte_web_attacks.xml');

  const { stdout, stderr } = await runCommand(host, home, 'sweep');
  assert.is(stderr, '', stdout);
  const status = await runCommand(host, home, 'status');
  assert.match(status.stdout, '2 blocked: 2 in force');
  const history = await runCommand(host, home, 'history', BLOCKED[0] ?? '');
  assert.match(history.stdout, 'blocked');
  assert.is((await runCommand(host, home, 'unblock', ...BLOCKED)).status, 0);
  assert.not.match(await host.run('nft list ruleset'), BLOCKED[0] ?? '');
});

test('leaves the host as it was before 0.1.0 when Riposte is uninstalled after the update', async () => {
  await run(['install', '--root', root]);
  const { exitCode, err } = await run(['uninstall', '--purge', '--root', root]);
  assert.is(exitCode, 0, err);
  const pristine = await ManagerTree.create('ossec-server');
  const left = differences(snapshot(pristine.root), snapshot(root)).filter(
    (path) => !path.endsWith('ar.conf'),
  );
  assert.equal(left, []);
  await pristine.remove();
});

test.run();
