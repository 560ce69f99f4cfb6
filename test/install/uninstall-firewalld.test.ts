import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { EX } from '../../base/errors.ts';
import { type Firewalld, missingForFirewalld, startFirewalld } from '../lab/firewalld.ts';
import { Host } from '../lab/host.ts';
import type { Mounts } from '../lab/mounts.ts';
import { labSuite } from '../lab/suite.ts';
import { leftToAll } from '../runner/share.ts';
import { ENV, hostWithManager } from './host-with-manager.ts';
import { run } from './run.ts';

const test = labSuite('uninstall with firewalld', 'nft', ...(await missingForFirewalld()));
const inAll = leftToAll(test);
const FIREWALL_DROP = '/opt/ossec/active-response/bin/firewall-drop.js';
const OURS = [
  'ipsets/riposte4.xml',
  'ipsets/riposte6.xml',
  'policies/riposte-forward.xml',
  'policies/riposte-host.xml',
];

let host: Host;
let mounts: Mounts;
let daemon: Firewalld | undefined;

test.before.each(async () => {
  [host, mounts] = await Promise.all([Host.create('web'), hostWithManager('ossec-agent')]);
  await mounts.run('mkdir', '-p', '/etc/firewalld');
  await riposte('install');
});
test.after.each(async () => {
  await daemon?.stop();
  daemon = undefined;
  await mounts.remove();
  await host.remove();
});

/** Starts firewalld on this host, mounts its files at /etc/firewalld, and writes a PID file as a service does. */
async function start(): Promise<Firewalld> {
  daemon = await startFirewalld(host, [80]);
  await mounts.run('mount', '--bind', daemon.configuration, '/etc/firewalld');
  await mounts.run('sh', '-c', 'echo 1 > /run/firewalld.pid');
  return daemon;
}

const runOptions = () => ({
  prefix: [...mounts.prefix, ...host.command([]).flat()],
  env: { PATH: `/opt/bin:${daemon?.path ?? ENV.PATH}` },
});
const riposte = (...args: string[]) => run(args, runOptions());
const firewallDrop = (...args: string[]) =>
  run([...args, '--backend', 'firewalld'], { ...runOptions(), program: mounts.path(FIREWALL_DROP) });

/** Riposte's files in /etc/firewalld. */
async function files(): Promise<string[]> {
  const all = await readdir(mounts.path('/etc/firewalld'), { recursive: true });
  return all.filter((path) => path.includes('riposte')).sort();
}

/** Writes files like Riposte's, without a running firewalld. */
async function writeFiles(text: string): Promise<void> {
  for (const file of OURS) {
    const path = mounts.path(join('/etc/firewalld', file));
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, text);
  }
}

test('removes all of Riposte’s objects, runtime and permanent, as the dry run says, but no other object', async () => {
  const { command } = await start();
  for (const address of ['203.0.113.7', '2001:db8::7', '198.51.100.0/24'])
    assert.is((await firewallDrop('add', '-', address)).exitCode, 0);
  await command('--permanent', '--new-ipset=mine', '--type=hash:ip');
  await command('--zone=public', '--add-port=8443/tcp');
  assert.equal(
    (await files()).filter((path) => path.endsWith('.xml')),
    OURS,
  );
  const before = await files();
  const rehearsal = (await riposte('uninstall', '--dry-run')).out;
  for (const file of OURS) assert.match(rehearsal, `would remove /etc/firewalld/${file}\n`);
  assert.equal(await files(), before);
  const { exitCode, out, err } = await riposte('uninstall');
  assert.is(exitCode, 0, err);
  assert.is(err, '');
  for (const file of OURS) assert.match(out, `removed /etc/firewalld/${file}\n`);
  assert.match(out, 'removes its empty policies and sets riposte… at its next reload');
  assert.equal(await files(), []);
  assert.is(await command('--zone=public', '--list-ports'), '80/tcp 8443/tcp');
  assert.is(await command('--policy=riposte-host', '--list-rich-rules'), '');
  assert.not.match(await host.run('nft list ruleset'), '@riposte');
  await command('--reload');
  assert.not.match(await command('--get-policies'), 'riposte');
  assert.is(await command('--get-ipsets'), 'mine');
});

inAll('removes blocks that an administrator has made permanent', async () => {
  const { command } = await start();
  await firewallDrop('add', '-', '203.0.113.7');
  await command('--runtime-to-permanent');
  assert.is((await riposte('uninstall')).exitCode, 0);
  await command('--reload');
  assert.not.match(await host.run('nft list ruleset'), /riposte|203\.0\.113\.7/);
});

inAll('keeps and names blocks that no ledger of this host holds', async () => {
  const { command } = await start();
  await firewallDrop('add', '-', '203.0.113.7');
  await firewallDrop('delete', '-', '203.0.113.7');
  await command('--ipset=riposte4', '--add-entry=198.51.100.9');
  await mounts.run('rm', '/run/firewalld.pid'); // makes the sweep treat firewalld as stopped
  const before = await files();
  const { exitCode, out } = await riposte('uninstall');
  assert.is(exitCode, 0);
  assert.match(
    out,
    'stay: they still hold blocks (1) that are not in the ledger of /opt/ossec; to remove them: rm ',
  );
  assert.equal(await files(), before);
  assert.is(await command('--ipset=riposte4', '--get-entries'), '198.51.100.9');
});

inAll('keeps the set-up of another installation on this host', async () => {
  await writeFiles('<policy/>\n');
  await mounts.run('mkdir', '-p', '/opt/riposte/var/riposte');
  const note = JSON.stringify({ files: { '/opt/riposte/bin/riposte': [] } });
  await writeFile(mounts.path('/opt/riposte/var/riposte/installed.json'), note);
  for (const options of [['--dry-run'], []]) {
    const { exitCode, out, err } = await riposte('uninstall', '--home', '/opt/riposte', ...options);
    assert.is(exitCode, 0, err);
    assert.match(out, 'stay: Riposte is also in /opt/ossec');
    assert.equal(await files(), OURS);
  }
});

inAll('removes the files of a firewalld that does not run', async () => {
  const { halt } = await start();
  await firewallDrop('add', '-', '203.0.113.7');
  await firewallDrop('delete', '-', '203.0.113.7');
  await halt();
  const { exitCode, out, err } = await riposte('uninstall');
  assert.is(exitCode, 0, err);
  assert.match(out, 'removed /etc/firewalld/policies/riposte-host.xml');
  assert.not.match(out, 'reloads');
  assert.equal(await files(), []);
});

test('removes the files without firewall-cmd', async () => {
  await writeFiles('<policy/>\n');
  assert.is((await riposte('uninstall')).exitCode, 0);
  assert.equal(await files(), []);
});

/** Starts a firewalld that refuses every command. */
async function startRefusing(): Promise<void> {
  const lines = ['#!/bin/sh', '[ "$1" = --state ] && exit', 'echo "Error: ACCESS_DENIED" >&2', 'exit 1', ''];
  await writeFile(mounts.path('/opt/bin/firewall-cmd'), lines.join('\n'), { mode: 0o755 });
}

inAll(
  'warns when firewalld refuses the removal, and names the remaining objects and the command that removes them',
  async () => {
    await writeFiles('<policy/>\n');
    await startRefusing();
    const { exitCode, err } = await riposte('uninstall');
    assert.is(exitCode, 0);
    assert.match(
      err,
      /stay: firewall-cmd: Error: ACCESS_DENIED; to remove them: rm \/etc\/firewalld\/policies\//,
    );
    assert.equal(await files(), OURS);
  },
);

inAll('fails when firewalld would keep permanent blocks, and succeeds at the next uninstall', async () => {
  await writeFiles('<ipset type="hash:ip"><entry>203.0.113.7</entry></ipset>\n');
  await startRefusing();
  const { exitCode, err } = await riposte('uninstall');
  assert.is(exitCode, EX.UNAVAILABLE);
  assert.match(err, /made blocks permanent, and .*ACCESS_DENIED; to remove them: rm /);
  await mounts.run('rm', '/opt/bin/firewall-cmd');
  assert.is((await riposte('uninstall')).exitCode, 0);
  assert.equal(await files(), []);
});

test.run();
