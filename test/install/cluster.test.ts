import { cp, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import * as assert from 'uvu/assert';
import { readXml } from '../../engine/xml/read-xml.ts';
import { clusterRoleIn } from '../../install/manager/cluster.ts';
import { WAZUH_SERVER } from '../lab/manager-conf.ts';
import { ManagerTree } from '../lab/manager-tree.ts';
import { labSuite } from '../lab/suite.ts';
import { differences, snapshot } from '../lab/tree-snapshot.ts';
import { run } from './run.ts';

const test = labSuite('install in a cluster of Wazuh');

const inCluster = (type: string, disabled = '<disabled>no</disabled>') =>
  `${WAZUH_SERVER}\n<ossec_config><cluster><name>wazuh</name><node_type>${type}</node_type>${disabled}</cluster></ossec_config>\n`;

/** Copies rules and decoders to the worker as the master does, and removes the worker's other rules and decoders. */
async function synchronise(master: ManagerTree, worker: ManagerTree): Promise<void> {
  for (const directory of ['etc/rules', 'etc/decoders']) {
    await rm(worker.path(directory), { recursive: true, force: true });
    await cp(master.path(directory), worker.path(directory), { recursive: true, preserveTimestamps: true });
  }
}

test('reads the role in a cluster', () => {
  const roleOf = (conf: string) =>
    clusterRoleIn(readXml(conf, 'ossec.conf', 'wazuh').flatMap(({ children }) => children));
  assert.is(roleOf(WAZUH_SERVER), undefined);
  assert.is(roleOf(inCluster('worker')), 'worker');
  assert.is(roleOf(inCluster('worker', '')), 'worker');
  assert.is(roleOf(inCluster('worker', '<disabled>yes</disabled>')), undefined);
  assert.is(roleOf(inCluster('master')), 'master');
  assert.is(roleOf(inCluster('master') + inCluster('worker')), 'worker');
});

test('refuses a worker without --worker, and changes nothing', async () => {
  const tree = await ManagerTree.create('wazuh4-server', inCluster('worker'));
  const before = snapshot(tree.root);
  for (const more of [[], ['--dry-run']]) {
    const { exitCode, err } = await run(['install', '--root', tree.root, ...more]);
    assert.is(exitCode, 64);
    assert.match(
      err,
      /makes this host a worker of a cluster: .* Install on the master first, then run riposte install --worker here/,
    );
  }
  assert.equal(differences(before, snapshot(tree.root)), []);
  await tree.remove();
});

test('refuses --worker until the master’s rules are copied, and changes none of those rules', async () => {
  const master = await ManagerTree.create('wazuh4-server', inCluster('master'));
  const worker = await ManagerTree.create('wazuh4-server', inCluster('worker'));
  const early = await run(['install', '--worker', '--root', worker.root]);
  assert.is(early.exitCode, 78);
  assert.match(early.err, /the master has not copied .*0000-riposte_decoders\.xml, .* yet/);
  const { out } = await run(['install', '--root', master.root]);
  assert.match(out, 'the master of a cluster: it copies rules and decoders to its workers');
  await synchronise(master, worker);
  const before = snapshot(worker.root);
  const { exitCode, err } = await run(['install', '--worker', '--root', worker.root]);
  assert.is(exitCode, 0, err);
  const changed = differences(before, snapshot(worker.root));
  assert.not.ok(
    changed.some((line) => /etc\/(rules|decoders)/.test(line)),
    changed.join('\n'),
  );
  assert.ok(changed.includes('+ var/ossec/active-response/bin/firewall-drop.js'));
  assert.ok(changed.includes('~ var/ossec/etc/ossec.conf'));
  assert.match((await run(['install', '--worker', '--root', worker.root])).out, 'nothing to do');
  assert.is((await run(['uninstall', '--purge', '--root', worker.root])).exitCode, 0);
  assert.equal(differences(before, snapshot(worker.root)), []);
  await Promise.all([master.remove(), worker.remove()]);
});

test('removes a worker’s rules from the manifest, and reports a rule file of another version', async () => {
  const worker = await ManagerTree.create('wazuh4-server');
  await run(['install', '--root', worker.root]);
  const conf = await worker.read('etc/ossec.conf');
  await worker.write('etc/ossec.conf', conf + inCluster('worker').slice(WAZUH_SERVER.length));
  await worker.write('etc/rules/riposte_scanners.xml', '<!-- of another version -->\n');
  const { exitCode, out, err } = await run(['install', '--worker', '--root', worker.root]);
  assert.is(exitCode, 0, err);
  assert.match(
    out,
    'this host has another version of riposte_scanners.xml; install this version on the master',
  );
  assert.match(await worker.read('etc/rules/riposte_scanners.xml'), 'of another version');
  const manifest = Object.keys(JSON.parse(await worker.read('var/riposte/installed.json')).files);
  assert.not.ok(manifest.some((path) => basename(path) === 'riposte_scanners.xml'));
  await worker.remove();
});

test('refuses --worker on a master, without a cluster, and on an agent', async () => {
  for (const [kind, conf, what] of [
    ['wazuh4-server', inCluster('master'), 'the master'],
    ['wazuh4-server', WAZUH_SERVER, 'not a worker'],
    ['wazuh4-agent', undefined, 'not a worker'],
    ['ossec-server', undefined, 'not a worker'],
  ] as const) {
    const tree = await ManagerTree.create(kind, conf);
    const before = snapshot(tree.root);
    const { exitCode, err } = await run(['install', '--worker', '--root', tree.root]);
    assert.is(exitCode, 64, kind);
    assert.match(err, `this host is ${what} of a cluster`);
    assert.equal(differences(before, snapshot(tree.root)), []);
    await tree.remove();
  }
});

test.run();
