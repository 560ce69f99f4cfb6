import { existsSync } from 'node:fs';
import { appendFile, chmod, lstat, readFile, readlink, rm, stat } from 'node:fs/promises';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { burst, visit } from '../lab/access-log.ts';
import { DebianRoot, missingForRoot } from '../lab/debian-root.ts';
import { ManagerTree } from '../lab/manager-tree.ts';
import { ADDRESS } from '../lab/network.ts';
import { DEBIAN_ARCHITECTURE, makePackages, missingForPackages, removePackages } from '../lab/packages.ts';
import { labSuite, skippedSuite } from '../lab/suite.ts';
import { differences, snapshot } from '../lab/tree-snapshot.ts';

/** The .deb with a Node of its own, on Debian 12 without Node. */
const lacks = (await missingForPackages()) ?? (await missingForRoot('bookworm'));
const test =
  lacks === undefined ? labSuite('package on Debian 12') : skippedSuite('package on Debian 12', lacks);
const LOG = '/var/log/nginx/access.log';
const SETTINGS = '/etc/riposte/riposte.conf';
let packages: string[] = [];
let debian: DebianRoot;

test.before(async () => {
  const made = await Promise.all(
    ['0.2.0', '0.2.1'].map((version) =>
      makePackages(['--only', `${DEBIAN_ARCHITECTURE}.deb`, '--version', version]),
    ),
  );
  packages = made.flat();
});
test.after(() => removePackages(packages));
test.before.each(async () => {
  debian = await DebianRoot.create('bookworm');
});
test.after.each(() => debian.remove());

const dpkg = async (version: 0 | 1) => debian.do('dpkg', '-i', await debian.bring(packages[version] ?? ''));
const rules = () => debian.do('nft', 'list', 'ruleset');

/** The directories in which a package, an installation and a manager have files. */
const PLACES = [
  'etc',
  'usr/bin',
  'usr/lib',
  'usr/local',
  'usr/share',
  'var/cache',
  'var/lib',
  'var/spool',
  'var/ossec',
];
const files = () =>
  new Map(
    PLACES.filter((place) => existsSync(debian.path(place))).flatMap((place) =>
      [...snapshot(debian.path(place))]
        .map(([path, is]) => [`${place}/${path}`, is] as const)
        .filter(([path]) => !path.startsWith('var/lib/dpkg')),
    ),
  );

test('installs, blocks, upgrades, removes and purges on a host without Node and without a manager', async () => {
  assert.not.equal((await debian.run('sh', '-c', 'command -v node')).status, 0);
  await debian.write(LOG, '');
  await debian.write('/etc/nginx/nginx.conf', `http { access_log ${LOG}; }\n`);
  const before = files();
  await dpkg(0);
  assert.match(await debian.do('riposte', '--version'), /^riposte 0\.\d+\.\d+ \(.*Node 24\.\d+\.\d+\)$/);
  await debian.do('riposte', 'install', '--standalone');
  assert.match(await readFile(debian.path(SETTINGS), 'utf8'), `LOGS=${LOG}`);
  assert.not([...files().keys()].some((path) => path.startsWith('usr/local/lib/riposte')));
  assert.match(await debian.do('riposte', 'doctor'), '/usr/lib/riposte/node, Node 24');

  await debian.do('riposte', 'scan', '--quiet'); // the first scan begins at the end of the log
  await appendFile(debian.path(LOG), visit(ADDRESS.visitor) + burst(ADDRESS.attacker, 40));
  await debian.do('riposte', 'scan', '--quiet');
  assert.match(await rules(), ADDRESS.attacker);
  assert.not.match(await rules(), ADDRESS.visitor);
  await debian.do('riposte', 'block', '198.51.100.9', '--for', '1d');

  await appendFile(debian.path(SETTINGS), 'BLOCK_FOR=2d\n');
  await appendFile(debian.path('/etc/riposte/riposte.allow'), '192.0.2.77\n');
  await rm(debian.path('/var/lib/riposte/active-response/bin/route-null.js'));
  const ruleset = await rules();
  await dpkg(1);
  assert.match(await readFile(debian.path(SETTINGS), 'utf8'), 'BLOCK_FOR=2d');
  assert.match(await readFile(debian.path('/etc/riposte/riposte.allow'), 'utf8'), '192.0.2.77');
  assert.ok((await stat(debian.path('/var/lib/riposte/active-response/bin/route-null.js'))).isFile());
  assert.equal(elements(await rules()), elements(ruleset));
  assert.match(await debian.do('riposte', 'status'), '2 blocked: 2 in force');

  await debian.do('dpkg', '-r', 'riposte');
  assert.not.match(await rules(), 'riposte');
  assert.match(await readFile(debian.path(SETTINGS), 'utf8'), 'BLOCK_FOR=2d');
  assert.not([...files().keys()].some((path) => path.endsWith('.js') && path.includes('riposte')));
  await debian.do('dpkg', '--purge', 'riposte');
  assert.equal(differences(before, files()), []);
});

/** The blocked addresses in a listing, without their remaining time. */
const elements = (ruleset: string): string[] => (ruleset.match(/\d+\.\d+\.\d+\.\d+/g) ?? []).sort();

for (const kind of ['ossec-server', 'wazuh4-agent'] as const) {
  test(`makes the scripts of ${kind} use the package's Node, updates them, and removes them again`, async () => {
    const tree = await ManagerTree.create(kind);
    await execa('cp', ['-a', `${tree.root}/.`, debian.root]);
    await chmod(debian.root, 0o755);
    await tree.remove();
    const before = files();
    await dpkg(0);
    await debian.do('riposte', 'install');
    const script = debian.path('/var/ossec/active-response/bin/firewall-drop.js');
    assert.match(await readFile(script, 'utf8'), /^node=\/usr\/lib\/riposte\/node$/m);
    assert.match(
      await debian.do('/var/ossec/active-response/bin/firewall-drop.js', 'add', '-', ADDRESS.attacker),
      'blocked',
    );
    await rm(script);
    await dpkg(1);
    assert.match(await readFile(script, 'utf8'), /^node=\/usr\/lib\/riposte\/node$/m);
    assert.match(await debian.do('riposte', 'status'), '1 blocked: 1 in force');
    await debian.do('dpkg', '-r', 'riposte');
    assert.not.match(await rules(), ADDRESS.attacker);
    assert.is(await lstat(script).catch(() => undefined), undefined);
    assert.ok((await stat(debian.path('/var/ossec/etc/riposte.conf'))).isFile());
    await debian.do('dpkg', '--purge', 'riposte');
    // The manager's check writes ar.conf.
    const left = differences(before, files()).filter((each) => !each.endsWith('ar.conf'));
    assert.equal(left, []);
  });
}

test('takes over an installation of riposte.js 0.1.0 with its settings', async () => {
  const words = ['-xzf', 'test/install/installed-by-0.1.0.tar.gz', '-C', debian.root, '-p'];
  await execa('tar', [...words, '--numeric-owner', '--no-overwrite-dir', '--keep-directory-symlink']);
  await dpkg(0);
  const script = await readFile(debian.path('/var/ossec/active-response/bin/firewall-drop.js'), 'utf8');
  assert.match(script, /^node=\/usr\/lib\/riposte\/node$/m);
  assert.not.ok(existsSync(debian.path('/usr/local/bin/riposte')));
  assert.match(await readFile(debian.path('/var/ossec/etc/riposte.conf'), 'utf8'), 'BLOCK_FOR=1d,7d');
  await debian.do('dpkg', '-r', 'riposte');
  assert.not.match(await readFile(debian.path('/var/ossec/etc/ossec.conf'), 'utf8'), 'riposte');
});

test('enables units by systemd’s presets, and leaves riposte.service to the administrator', async () => {
  await dpkg(0);
  const wants = (target: string, unit: string) =>
    readlink(debian.path(`/etc/systemd/system/${target}.wants/${unit}`)).catch(() => undefined);
  assert.match(String(await wants('timers.target', 'riposte-sweep.timer')), 'riposte-sweep.timer');
  assert.match(
    String(await wants('multi-user.target', 'riposte-restore.service')),
    'riposte-restore.service',
  );
  assert.is(await wants('multi-user.target', 'riposte.service'), undefined);
  await debian.do('systemctl', 'disable', 'riposte-sweep.timer');
  await debian.do('systemctl', 'enable', 'riposte.service');
  await dpkg(1);
  assert.is(await wants('timers.target', 'riposte-sweep.timer'), undefined);
  assert.match(String(await wants('multi-user.target', 'riposte.service')), 'riposte.service');
});

test('keeps the package installed when an address cannot be unblocked', async () => {
  await dpkg(0);
  await debian.do('riposte', 'install', '--standalone');
  await debian.do('riposte', 'block', ADDRESS.attacker, '--for', '1d');
  await debian.do('mv', '/usr/sbin/nft', '/usr/sbin/nft.away');
  const { status, said } = await debian.run('dpkg', '-r', 'riposte');
  assert.is.not(status, 0);
  assert.match(said, 'cannot be removed before riposte uninstall');
  await debian.do('mv', '/usr/sbin/nft.away', '/usr/sbin/nft');
  await debian.do('dpkg', '-r', 'riposte');
  assert.not.match(await rules(), ADDRESS.attacker);
});

test.run();
