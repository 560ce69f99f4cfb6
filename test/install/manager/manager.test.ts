import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findManagers, majorOf, managerAt } from '../../../install/manager/manager.ts';
import { ManagerTree, type TreeKind } from '../../lab/manager-tree.ts';

for (const [tree, kind, role, version] of [
  ['ossec-server', 'ossec', 'server', '4.2.0'],
  ['ossec-local', 'ossec', 'local', '3.7.0'],
  ['ossec-agent', 'ossec', 'agent', '4.2.0'],
  ['wazuh4-server', 'wazuh', 'server', '4.14.7'],
  ['wazuh4-agent', 'wazuh', 'agent', '4.14.7'],
  ['wazuh5-agent', 'wazuh', 'agent', '5.0.0'],
  ['wazuh5-server', 'wazuh', 'server', '5.0.0'],
] satisfies [TreeKind, string, string, string][]) {
  test(`finds a tree like that of ${tree}, and identifies it`, async () => {
    const host = await ManagerTree.create(tree);
    const { root, home } = host;
    assert.equal(findManagers(root), [{ home, kind, role, version }]);
    await host.remove();
  });
}

test('returns the major version, or undefined when the programs do not print it', async () => {
  const tree = await ManagerTree.create('wazuh4-agent');
  const manager = managerAt(tree.home, tree.root);
  assert.is(manager && majorOf(manager), 4);
  await tree.write('bin/wazuh-control', '#!/bin/sh\n', 0o755);
  assert.is(managerAt(tree.home, tree.root)?.version, undefined);
  await tree.remove();
});

test('finds no manager in a directory without a manager’s programs', async () => {
  const tree = await ManagerTree.create('ossec-agent');
  assert.is(managerAt(`${tree.home}/etc`, tree.root), undefined);
  await tree.remove();
});

test.run();
