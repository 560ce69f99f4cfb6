import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { HostWithDisk } from '../lab/host-with-disk.ts';
import { Installation } from '../lab/installation.ts';
import { ossec, wazuh4 } from '../lab/managers.ts';
import { labSuite } from '../lab/suite.ts';

const ATTACKER = '198.51.100.7';
const test = labSuite('a script whose Node was moved', 'nft');
let host: HostWithDisk;
let at: Installation;

test.before.each(async () => {
  host = await HostWithDisk.create();
  at = await Installation.create(host.asHost(), '/nowhere/node');
  await host.mounts.run('mount', '-t', 'tmpfs', 'none', '/opt');
  await host.mounts.run('cp', process.execPath, '/opt/kept');
  for (const path of ['/usr/bin/node', '/usr/local/bin/node'])
    await host.sh(`[ ! -e ${path} ] || mount --bind /dev/null ${path}`);
  await at.write('logs/active-responses.log', '');
});
test.after.each(async () => {
  await host.remove();
  await at.remove();
});

/** Runs the script as a manager does, without the daemon. */
async function run(args: string[], input = '', cwd = '/', script = at.script('firewall-drop')) {
  const [program, words] = host
    .asHost()
    .command(['/usr/bin/env', '-C', cwd, '-i', 'PATH=/usr/sbin:/usr/bin:/bin', script, ...args]);
  const { exitCode, stderr } = await execa(program, words, { reject: false, input });
  return { exitCode, stderr };
}

const WHY = 'failed: Node (20 or newer) was not found: install it, then run riposte install';

test('writes one line `failed` in the log’s format, and exits with 69', async () => {
  const { exitCode, stderr } = await run(ossec('add', ATTACKER));
  assert.equal([exitCode, stderr], [69, `firewall-drop: ${WHY}`]);
  const [line = '', ...more] = await at.log();
  assert.equal(more, []);
  assert.match(line, /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d UTC \d{4} \//);
  assert.ok(
    line.endsWith(` ${at.script('firewall-drop')} add - ${ATTACKER} 1795166136.16 31151 ${WHY}`),
    line,
  );
});

test('writes the script’s absolute path to the log when Wazuh starts the script by a relative path', async () => {
  const script = 'active-response/bin/firewall-drop.js';
  assert.is((await run([], wazuh4('add', ATTACKER), at.home, script)).exitCode, 69);
  assert.ok((await at.log())[0]?.endsWith(` ${at.script('firewall-drop')} - - - - - ${WHY}`));
});

test('writes no text that an attacker may have chosen', async () => {
  for (const odd of ['198.51.100.7 extra $(id) ;x', '1.2.3.4\n1 Jan forged', '\u001b[2J'])
    await run(['add', '-', odd, '1.1', '31151']);
  for (const line of await at.log()) assert.ok(line.endsWith(` - - - - - ${WHY}`), line);
  assert.is((await at.log()).length, 3);
});

test('follows no link in place of the log', async () => {
  const precious = join(at.home, 'precious');
  await at.write('precious', 'precious');
  await execa('rm', [join(at.home, 'logs/active-responses.log')]);
  await symlink(precious, join(at.home, 'logs/active-responses.log'));
  assert.is((await run(ossec('add', ATTACKER))).exitCode, 69);
  assert.is(await at.read('precious'), 'precious');
});

for (const place of ['/usr/local/bin', '/opt/node-v20.1.0-linux-x64/bin'])
  test(`finds Node in ${place}`, async () => {
    if (place.startsWith('/usr')) await host.mounts.run('mount', '-t', 'tmpfs', 'none', place);
    await host.mounts.run('mkdir', '-p', place);
    await host.mounts.run('cp', '/opt/kept', `${place}/node`);
    const { exitCode, stderr } = await run(ossec('add', ATTACKER));
    assert.equal([exitCode, stderr], [0, '']);
    assert.match(await host.network.run('nft list ruleset'), ATTACKER);
  });

test('does not run an old Node', async () => {
  await host.sh(
    "mkdir -p /opt/node-v18/bin; printf '#!/bin/sh\\necho v18.20.0\\n' > /opt/node-v18/bin/node; chmod 755 /opt/node-v18/bin/node",
  );
  assert.is((await run(ossec('add', ATTACKER))).exitCode, 69);
});

test.run();
