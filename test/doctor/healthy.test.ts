import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { TreeKind } from '../lab/manager-tree.ts';
import { labSuite } from '../lab/suite.ts';
import { HealthyTree } from './healthy.ts';

const test = labSuite('a healthy installation', 'nft');

for (const kind of [
  'ossec-server',
  'ossec-local',
  'ossec-agent',
  'wazuh4-server',
  'wazuh4-agent',
  'wazuh5-agent',
] satisfies TreeKind[]) {
  test(`finds nothing wrong in ${kind}`, async () => {
    const at = await HealthyTree.create(kind);
    assert.equal(at.wrong(), []);
    await at.remove();
  });
}

test('checks only the parts that exist on a server, an agent or Wazuh 5', async () => {
  const topics = async (kind: TreeKind) => {
    const at = await HealthyTree.create(kind);
    const all = [...new Set(at.all().map(({ topic }) => topic))];
    await at.remove();
    return all;
  };
  const agent = await topics('ossec-agent');
  const server = await topics('ossec-server');
  const ofServer = ['decoders', 'rules', 'scan memory', 'commands', 'responses'];
  assert.equal(
    server.filter((each) => !agent.includes(each)),
    ofServer,
  );
  assert.equal(
    agent.filter((each) => !server.includes(each)),
    ['manager address'],
  );
  const wazuh5 = await topics('wazuh5-agent');
  assert.equal(
    agent.filter((each) => !wazuh5.includes(each)),
    ['long lines', 'ar.conf'],
  );
});

test('accepts the decoders for servers behind a proxy when they come before the other decoders', async () => {
  const at = await HealthyTree.create('ossec-server');
  await at.write('etc/riposte_behind_proxy_decoders.xml', '');
  const first = '<decoder>etc/riposte_behind_proxy_decoders.xml</decoder>\n';
  await at.change('etc/ossec.conf', '<decoder>etc/riposte_decoders.xml', (own) => first + own);
  assert.equal(at.wrong(), []);
  await at.remove();
});

test('finds nothing wrong when ossec.conf names the home by a link', async () => {
  const at = await HealthyTree.create('ossec-agent');
  await symlink(at.tree.home, join(at.tree.root, 'link'));
  await at.change('etc/ossec.conf', '/var/ossec/logs', '/link/logs');
  assert.equal(at.wrong(), []);
  await at.remove();
});

test('says that Wazuh 5’s manager runs no responses, and asks for no scripts there', async () => {
  const at = await HealthyTree.create('wazuh5-server');
  const states = () => at.wrong().map(({ state, topic, seen }) => [state, topic, seen.replace(/.*: /, '')]);
  const one = [
    ['warning', 'manager', 'the manager of Wazuh 5 runs no active responses itself; its agents run them'],
  ];
  assert.equal(states(), one);
  for (const name of ['firewall-drop', 'route-null', 'apache-deny'])
    await at.delete(`active-response/bin/${name}.js`);
  assert.equal(states(), one);
  await at.remove();
});

test.run();
