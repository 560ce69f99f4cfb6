import { createHash } from 'node:crypto';
import { appendFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { EX } from '../../base/errors.ts';
import { Host } from '../lab/host.ts';
import { ManagerTree } from '../lab/manager-tree.ts';
import { labSuite } from '../lab/suite.ts';
import { differences, snapshot } from '../lab/tree-snapshot.ts';
import { leftToAll } from '../runner/share.ts';
import { run } from './run.ts';

const test = labSuite('uninstall', 'nft');
const inAll = leftToAll(test);
let host: Host;
let tree: ManagerTree;

test.before.each(async () => {
  [host, tree] = await Promise.all([Host.create('web'), ManagerTree.create('ossec-server')]);
  await run(['install', '--root', tree.root]);
});
test.after.each(async () => {
  await host.remove();
  await tree.remove();
});

/** Runs a command on the host whose kernel has the blocks. */
const onHost = () => ({ prefix: host.command([]).flat() });
const uninstall = (...options: string[]) => run(['uninstall', ...options, '--root', tree.root], onHost());
const block = (response: string, address: string) =>
  run(['add', '-', address], { ...onHost(), program: tree.path(`active-response/bin/${response}.js`) });

test('unblocks every address, in the kernel and in the ledger, and logs each unblock', async () => {
  await block('firewall-drop', '203.0.113.7');
  await block('route-null', '2001:db8:113::7');
  assert.match(await host.run('nft list set inet riposte blocked4'), '203.0.113.7');
  const { exitCode, out } = await uninstall();
  assert.is(exitCode, 0);
  assert.match(out, 'unblocked 2 addresses');
  assert.not.match(await host.run('nft list set inet riposte blocked4'), '203.0.113.7');
  assert.is(await host.run('ip -6 route show proto 117'), '');
  const log = await tree.read('logs/active-responses.log');
  const journal = await tree.read('var/riposte/events.jsonl');
  for (const address of ['203.0.113.7', '2001:db8:113::7']) {
    assert.match(log, new RegExp(`${address}.*unblocked`));
    assert.match(journal, new RegExp(`"unblocked".*"${address}".*being uninstalled`));
  }
});

test('stays installed when an address cannot be unblocked', async () => {
  await block('firewall-drop', '203.0.113.7');
  const before = snapshot(tree.root);
  const prefix = [...onHost().prefix, 'env', 'PATH=/nowhere'];
  const { exitCode, err } = await run(['uninstall', '--root', tree.root], { prefix });
  assert.is(exitCode, EX.UNAVAILABLE);
  assert.match(err, /so it stays installed:\n {2}firewall-drop: 203\.0\.113\.7: /);
  const changed = differences(before, snapshot(tree.root)).filter(
    (line) => !/logs|events|blocks|ended|index/.test(line),
  );
  assert.equal(changed, []);
  assert.match((await uninstall()).out, 'unblocked 1 address');
  assert.not.match(await host.run('nft list set inet riposte blocked4'), '203.0.113.7');
});

test('removes no foreign file that the manifest names, because the manager’s account may edit the manifest', async () => {
  const [link, foreign] = [tree.path('var/link'), join(tree.root, 'srv/foreign')];
  await mkdir(join(tree.root, 'srv'));
  await writeFile(foreign, 'foreign\n');
  await symlink(join(tree.root, 'srv'), link);
  const manifest = JSON.parse(await tree.read('var/riposte/installed.json'));
  const hash = createHash('sha256').update('foreign\n').digest('hex');
  const names = ['/srv/foreign', '/var/ossec/../../srv/foreign', '/var/ossec/var/link/foreign'];
  for (const name of names) manifest.files[name] = [hash];
  manifest.once.push(...names);
  await tree.write('var/riposte/installed.json', JSON.stringify(manifest, null, 1));
  const { exitCode, out } = await uninstall('--purge');
  assert.is(exitCode, 0);
  for (const name of names)
    assert.match(out, `${name} stays: installed.json names it, but no version of Riposte installs it`);
  assert.is(await readFile(foreign, 'utf8'), 'foreign\n');
});

test('keeps settings, allow list, ledger and journal, until a later purge', async () => {
  await block('firewall-drop', '203.0.113.7');
  await appendFile(tree.path('etc/riposte.conf'), 'BLOCK_FOR=1d\n');
  assert.is((await uninstall()).exitCode, 0);
  const left = [...snapshot(tree.root).keys()].filter((path) => path.includes('riposte'));
  for (const path of [
    'etc/riposte.conf',
    'etc/riposte.allow',
    'etc/ossec.conf.before-riposte',
    'var/riposte/events.jsonl',
  ])
    assert.ok(left.includes(`var/ossec/${path}`), path);
  assert.equal(
    left.filter((path) => /\.xml$|\.js$|bin\/|cron/.test(path)),
    [],
  );
  assert.match((await uninstall()).out, 'nothing to do');
  assert.is((await uninstall('--purge')).exitCode, 0);
  const after = [...snapshot(tree.root).keys()];
  assert.equal(
    after.filter((path) => /riposte|active-responses\.log|logrotate/.test(path)),
    [],
  );
});

inAll('warns on a purge about files that Apache may still read', async () => {
  await block('apache-deny', '203.0.113.7');
  assert.not.match((await uninstall()).out, 'Apache');
  assert.match(
    (await uninstall('--purge')).out,
    "/var/riposte/apache, too: check that Apache's configuration",
  );
});

inAll('installs the same files again after an uninstall', async () => {
  const installed = snapshot(tree.root);
  await uninstall();
  await run(['install', '--root', tree.root]);
  const backup = 'var/ossec/etc/ossec.conf.before-riposte';
  assert.equal(
    differences(installed, snapshot(tree.root)).filter((line) => !line.endsWith(backup)),
    [],
  );
});

test('keeps and names a file that the administrator has replaced', async () => {
  const own = '#!/bin/sh\n# my own\n';
  await writeFile(tree.path('active-response/bin/route-null.js'), own);
  const { exitCode, out } = await uninstall('--purge');
  assert.is(exitCode, 0);
  assert.match(
    out,
    '/var/ossec/active-response/bin/route-null.js has been changed since it was installed, and stays',
  );
  assert.is(await tree.read('active-response/bin/route-null.js'), own);
});

inAll('removes only Riposte’s files from /etc/firewalld of another host’s file system', async () => {
  const policies = 'etc/firewalld/policies';
  const write = (file: string) => tree.write(`../../${policies}/${file}`, '<policy/>\n');
  for (const name of ['riposte-host.xml', 'riposte-host.xml.old', 'riposte-mine.xml']) await write(name);
  const there = () =>
    [...snapshot(tree.root).keys()].filter((path) => path.startsWith(`${policies}/`)).sort();
  const before = there();
  assert.match((await uninstall('--dry-run')).out, `would remove /${policies}/riposte-host.xml\n`);
  assert.equal(there(), before);
  const { exitCode, out } = await uninstall();
  assert.is(exitCode, 0);
  assert.match(out, `removed /${policies}/riposte-host.xml.old`);
  assert.equal(there(), [`${policies}/riposte-mine.xml`]);
});

inAll('keeps later additions to ossec.conf as they are', async () => {
  const conf = await tree.read('etc/ossec.conf');
  await tree.write('etc/ossec.conf', `<!-- since -->\r\n${conf}<!-- at the end -->`);
  await uninstall();
  const [head = '', ...rest] = (await tree.read('etc/ossec.conf')).split('\r\n');
  const before = await readFile(join(tree.home, 'etc/ossec.conf.before-riposte'), 'utf8');
  assert.is(head, '<!-- since -->');
  assert.not.match(rest.join(''), 'riposte');
  assert.match(rest.join(''), /<\/ossec_config>\n<!-- at the end -->$/);
  assert.match(before, 'riposte:begin');
});

test('refuses to remove rules that the configuration uses elsewhere', async () => {
  const conf = await tree.read('etc/ossec.conf');
  await tree.write('etc/ossec.conf', `${conf}<!-- uses route-null -->\n`);
  const checker =
    '#!/bin/sh\nfor conf; do :; done\ngrep -q riposte:begin "$conf" && exit 0\necho "ERROR: no command route-null"\nexit 1\n';
  await tree.write('bin/ossec-analysisd', checker, 0o755);
  const before = snapshot(tree.root, true);
  const { exitCode, err } = await uninstall();
  assert.is(exitCode, EX.CONFIG);
  assert.match(err, /refuses the new .*no command route-null; nothing was changed/);
  assert.equal(differences(before, snapshot(tree.root, true)), []);
});

test('lists the files to remove, and changes nothing, in a dry run', async () => {
  await block('firewall-drop', '203.0.113.7');
  const before = snapshot(tree.root, true);
  const { exitCode, out } = await uninstall('--dry-run', '--purge');
  assert.is(exitCode, 0);
  for (const words of [
    'would unblock 1 address',
    'would remove /var/ossec/bin/riposte',
    '\n-    <include>riposte_scanners.xml',
    'with ledger and journal',
  ])
    assert.ok(out.includes(words), words);
  assert.equal(differences(before, snapshot(tree.root, true)), []);
  assert.match(await host.run('nft list set inet riposte blocked4'), '203.0.113.7');
});

test.run();
