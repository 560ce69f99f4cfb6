import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ANSIBLE, Controller } from '../lab/ansible.ts';
import { DebianRoot, missingForRoot } from '../lab/debian-root.ts';
import { ManagerTree } from '../lab/manager-tree.ts';
import { ADDRESS } from '../lab/network.ts';
import { DEBIAN_ARCHITECTURE, makePackages, missingForPackages, removePackages } from '../lab/packages.ts';
import { labSuite, skippedSuite } from '../lab/suite.ts';
import { differences, snapshot } from '../lab/tree-snapshot.ts';

/** Runs the Ansible collection with Debian's Ansible and sshd on a host with a Debian root file system. */
const lacks = (await missingForPackages(ANSIBLE)) ?? (await missingForRoot('bookworm'));
const lint = lacks === undefined ? suite('ansible-lint') : skippedSuite('ansible-lint', lacks);

lint('accepts the collection with its strictest profile', async () => {
  const { exitCode, all } = await execa('ansible-lint', ['--offline', '--strict'], {
    cwd: 'packaging/ansible',
    all: true,
    reject: false,
    stdin: 'ignore',
    env: { NO_COLOR: '1' },
  });
  assert.is(exitCode, 0, all);
});

lint.run();

const test = lacks === undefined ? labSuite('Ansible') : skippedSuite('Ansible', lacks);
const LOG = '/var/log/nginx/access.log';
const SETTINGS = '/etc/riposte/riposte.conf';
let packages: string[] = [];
let debian: DebianRoot;
let controller: Controller;

test.before(async () => {
  packages = await makePackages(['--only', `${DEBIAN_ARCHITECTURE}.deb`]);
});
test.after(() => removePackages(packages));
test.before.each(async () => {
  debian = await DebianRoot.create('bookworm');
  controller = await Controller.create(debian);
});
test.after.each(async () => {
  await controller?.remove();
  await debian.remove();
});

/** All files where a package, a role or an installation may create some, without the files of dpkg and apt. */
const files = () =>
  new Map(
    ['etc', 'usr/bin', 'usr/lib', 'usr/local', 'usr/share', 'var/cache', 'var/lib', 'var/ossec']
      .filter((place) => existsSync(debian.path(place)))
      .flatMap((place) =>
        [...snapshot(debian.path(place))].map(([path, is]) => [`${place}/${path}`, is] as const),
      )
      .filter(([path]) => !/^var\/(lib|cache)\/(dpkg|apt)/.test(path)),
  );

/**
 * Puts a stand-in for systemctl below the root, because no systemd can run there. The stand-in records its arguments,
 * and remembers which units are enabled and active.
 */
async function pretendSystemd(): Promise<void> {
  await debian.do('mkdir', '-p', '/run/systemd/system', '/run/units');
  const program = debian.path('/usr/local/bin/systemctl');
  await writeFile(
    program,
    `#!/bin/sh
echo "$*" >>/run/systemctl.log
verb=
unit=
for word; do
  case $word in -*) ;; *) if [ -z "$verb" ]; then verb=$word; else unit=$word; fi ;; esac
done
state=/run/units/$unit
case $verb in
  show) echo LoadState=loaded; [ -e "$state.active" ] && echo ActiveState=active || echo ActiveState=inactive ;;
  is-enabled) [ -e "$state.enabled" ] && echo enabled || { echo disabled; exit 1; } ;;
  is-active) [ -e "$state.active" ] ;;
  enable) : >"$state.enabled" ;;
  disable) rm -f "$state.enabled" "$state.active" ;;
  start) : >"$state.active" ;;
  stop) rm -f "$state.active" ;;
esac
`,
  );
  await chmod(program, 0o755);
}

const unitStates = () => debian.do('ls', '/run/units');

test('sets up a host without a manager, changes nothing in a second run, and removes everything again', async () => {
  await debian.write(LOG, '');
  await debian.write('/etc/nginx/nginx.conf', `http { access_log ${LOG}; }\n`);
  await pretendSystemd();
  const before = files();
  const wanted = {
    riposte_package_file: packages[0],
    riposte_standalone: true,
    riposte_settings: { BLOCK_FOR: ['1d', '7d'], LOGS: LOG, VERIFY_ROBOTS: false },
    riposte_root_settings: { COMMAND_TIMEOUT: '30s' },
    riposte_allow: ['192.0.2.77', '192.0.2.78  # office'],
  };
  const rehearsed = await controller.play(wanted, '--check');
  assert.is(rehearsed.failed, 0, rehearsed.said);
  assert.match(rehearsed.said, 'With it, check mode shows the plan of riposte install');
  assert.equal(differences(before, files()), []);

  const first = await controller.play(wanted);
  assert.is(first.failed, 0, first.said);
  assert.ok(first.changed > 4, first.said);
  const settings = await readFile(debian.path(SETTINGS), 'utf8');
  assert.match(settings, /^# set below by Ansible: LOGS=/m);
  assert.match(
    settings,
    new RegExp(`\\n# BEGIN settings by Ansible\nBLOCK_FOR=1d,7d\nLOGS=${LOG}\nVERIFY_ROBOTS=no\n# END`),
  );
  assert.match(await readFile(debian.path('/etc/riposte.conf'), 'utf8'), 'COMMAND_TIMEOUT=30s');
  assert.match(await debian.do('riposte', 'allow'), /192\.0\.2\.78 .*office/);
  assert.match(await unitStates(), /^riposte\.service\.active$/m);
  assert.match(await unitStates(), /^riposte\.service\.enabled$/m);
  const again = await controller.play(wanted);
  assert.is(again.changed, 0, again.said);

  await debian.do('riposte', 'block', ADDRESS.attacker, '--for', '1d');
  const more = {
    ...wanted,
    riposte_allow: [ADDRESS.attacker],
    riposte_options: ['--behind-proxy'],
  };
  const set = files();
  const plan = await controller.play(more, '--check');
  assert.is(plan.failed, 0, plan.said);
  assert.match(plan.said, 'would make /etc/systemd/system/riposte.service');
  assert.ok(plan.changed > 1, plan.said);
  assert.equal(differences(set, files()), []);
  assert.match(await debian.do('riposte', 'status'), '1 blocked: 1 in force');

  const wrong = await controller.play({ ...more, riposte_settings: { BLOCK_FOR: 'soon' } });
  assert.is(wrong.failed, 1, wrong.said);
  const line = /riposte: \S*\/riposte\.conf:\d+: BLOCK_FOR is 'soon', but must be times such as 1d,7d/;
  assert.match(wrong.said, line);
  assert.match(await readFile(debian.path(SETTINGS), 'utf8'), 'BLOCK_FOR=1d,7d');

  const allowed = await controller.play(more);
  assert.is(allowed.failed, 0, allowed.said);
  assert.not.match(await debian.do('nft', 'list', 'ruleset'), ADDRESS.attacker);
  assert.match(await debian.do('cat', '/run/systemctl.log'), /^try-restart riposte\.service$/m);

  const gone = await controller.play({ riposte_state: 'absent', riposte_purge: true });
  assert.is(gone.failed, 0, gone.said);
  assert.equal(differences(before, files()), []);
});

test('installs a package from a repository into OSSEC, restarts OSSEC only for changes, and removes the package', async () => {
  const tree = await ManagerTree.create('ossec-server');
  await execa('cp', ['-a', `${tree.root}/.`, debian.root]);
  await chmod(debian.root, 0o755);
  await tree.remove();
  const control = debian.path('/var/ossec/bin/ossec-control');
  await writeFile(
    control,
    (await readFile(control, 'utf8')).replace('exit 0', 'echo "$1" >>/run/control.log'),
  );
  await pretendSystemd();
  await offer(packages[0] ?? '');
  const conf = await readFile(debian.path('/var/ossec/etc/ossec.conf'), 'utf8');
  const restarts = async () => (await debian.do('cat', '/run/control.log')).match(/^restart$/gm)?.length;
  const wanted = { riposte_options: ['--timeout', '1h'], riposte_respond: true };
  const first = await controller.play(wanted);
  assert.is(first.failed, 0, first.said);
  assert.match(await readFile(debian.path('/var/ossec/etc/ossec.conf'), 'utf8'), '<timeout>3600</timeout>');
  assert.match(await unitStates(), /^riposte-respond\.service\.active$/m);
  assert.is(await restarts(), 1);
  const again = await controller.play(wanted);
  assert.is(again.changed, 0, again.said);
  assert.is(await restarts(), 1);

  const rehearsed = await controller.play({ riposte_state: 'absent' }, '--check');
  assert.match(rehearsed.said, 'would remove /var/ossec/active-response/bin/firewall-drop.js');
  assert.ok(existsSync(debian.path('/var/ossec/active-response/bin/firewall-drop.js')));
  const gone = await controller.play({ riposte_state: 'absent' });
  assert.is(gone.failed, 0, gone.said);
  assert.is(await readFile(debian.path('/var/ossec/etc/ossec.conf'), 'utf8'), conf);
  assert.not.ok(existsSync(debian.path('/usr/bin/riposte')));
  assert.is(await restarts(), 2);
  assert.is((await controller.play({ riposte_state: 'absent' })).changed, 0);
});

/** Makes this package the only package that the host's apt knows. */
async function offer(file: string): Promise<void> {
  const { stdout: control } = await execa('dpkg-deb', ['-f', file]);
  const bytes = await readFile(file);
  const sum = createHash('sha256').update(bytes).digest('hex');
  const fields = [control, `Filename: ./${basename(file)}`, `Size: ${bytes.length}`, `SHA256: ${sum}`];
  await debian.write('/srv/packages/Packages', `${fields.join('\n')}\n`);
  await writeFile(join(debian.path('/srv/packages'), basename(file)), bytes);
  await debian.write('/etc/apt/sources.list', 'deb [trusted=yes] file:/srv/packages ./\n');
  await debian.do('apt-get', 'update');
}

test.run();
