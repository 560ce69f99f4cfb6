import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { ManagerTree } from '../lab/manager-tree.ts';
import { labSuite } from '../lab/suite.ts';
import { unpacked } from '../lab/unpacked.ts';
import { run } from './run.ts';

const test = labSuite('logrotate');
const debian = await unpacked('logrotate', 'libpopt0');
if (debian === undefined) console.log('skipped: logrotate: apt-get download cannot fetch it');
const testIt = debian === undefined ? test.skip : test;

for (const [kind, logs] of [
  ['ossec-agent', ['events.jsonl', 'active-responses.log']],
  ['wazuh4-agent', ['events.jsonl']],
] as const) {
  testIt(`writes a file for ${kind} that logrotate accepts, and rotates a grown log`, async () => {
    const tree = await ManagerTree.create(kind);
    // logrotate reads the group by name if the host has one, as here.
    await mkdir(join(tree.root, 'etc'));
    await writeFile(join(tree.root, 'etc/group'), 'root:x:0:\ndaemon:x:1:\n');
    await writeFile(join(tree.root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\n');
    await run(['install', '--root', tree.root]);
    const text = await tree.read('../../etc/logrotate.d/riposte');
    const found = [...text.matchAll(/^\/var\/ossec\/.*\/(\S+) \{$/gm)].map(([, name]) => name);
    assert.equal(found, logs);
    // The manager is only simulated here: use the tree's own paths, and a size that is soon reached.
    const file = join(tree.root, 'rotate.conf');
    await writeFile(file, text.replace(/^\/var/gm, `${tree.root}/var`).replaceAll('size 50M', 'size 1'));
    await tree.write('var/riposte/events.jsonl', '{}\n');
    await tree.write('logs/active-responses.log', 'a line\n', 0o660);
    const state = join(tree.root, 'state');
    const { exitCode, all } = await execa(join(debian ?? '', 'usr/sbin/logrotate'), ['-s', state, file], {
      all: true,
      reject: false,
      env: { LD_LIBRARY_PATH: `${debian}/usr/lib/x86_64-linux-gnu:${debian}/usr/lib/aarch64-linux-gnu` },
    });
    assert.is(exitCode, 0, all);
    assert.is(all, '');
    assert.is(await tree.read('var/riposte/events.jsonl.1'), '{}\n');
    assert.is(await tree.read('var/riposte/events.jsonl'), '');
    if (logs.length === 2) assert.is(await tree.read('logs/active-responses.log.1'), 'a line\n');
    await tree.remove();
  });
}

test.run();
