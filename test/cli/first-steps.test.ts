import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { firstSteps } from '../../cli/first-steps.ts';
import { ManagerTree } from '../lab/manager-tree.ts';

const IO = { program: '/usr/bin/riposte' };

test('names the manager, and install as the next command', async () => {
  const tree = await ManagerTree.create('wazuh4-agent');
  const text = firstSteps(IO, tree.root);
  assert.match(text, 'Found Wazuh 4.14.7, agent, in ');
  assert.match(text, 'sudo riposte install --dry-run');
  await tree.remove();
});

test('names the logs of a host without a manager, and the command for a standalone installation', async () => {
  const root = await mkdtemp(join(tmpdir(), 'riposte-root-'));
  assert.match(firstSteps(IO, root), 'Found no log of a web server');
  await mkdir(join(root, 'var/log/nginx'), { recursive: true });
  await writeFile(join(root, 'var/log/nginx/access.log'), '');
  const text = firstSteps(IO, root);
  assert.match(text, 'Found logs of a web server: /var/log/nginx/access.log');
  assert.match(text, 'sudo riposte install --standalone');
  await rm(root, { recursive: true });
});

test('names doctor when Riposte is installed, and install after Riposte was removed', async () => {
  const tree = await ManagerTree.create('ossec-agent');
  await tree.write('var/riposte/installed.json', JSON.stringify({ files: { '/var/ossec/bin/riposte': [] } }));
  assert.match(firstSteps(IO, tree.root), 'sudo riposte doctor');
  await tree.write('var/riposte/installed.json', JSON.stringify({ files: {}, links: {} }));
  assert.match(firstSteps(IO, tree.root), 'sudo riposte install --dry-run');
  await tree.remove();
});

test.run();
