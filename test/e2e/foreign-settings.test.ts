import { access, chmod, chown, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { runWithArguments } from '../lab/execd.ts';
import { eachOnItsOwnHost } from '../lab/fixtures.ts';
import type { Installation } from '../lab/installation.ts';
import { ossec } from '../lab/managers.ts';
import { Mounts } from '../lab/mounts.ts';
import { ADDRESS } from '../lab/network.ts';
import { verb } from '../lab/server.ts';
import { labSuite } from '../lab/suite.ts';
import { PATH } from '../lab/tools.ts';

/** Wazuh's etc/ is writable by its group, so the manager's account can write riposte.conf. */
const test = labSuite('settings that the manager’s account can write', 'nft');
const NOBODY = { uid: 65534, gid: 65534 };
let at: Installation;
let marker: string;
let program: string;

eachOnItsOwnHost(test, (_, made) => {
  at = made;
});
test.before.each(async () => {
  for (const directory of ['etc', 'tmp']) {
    await mkdir(join(at.home, directory));
    await chown(join(at.home, directory), 0, NOBODY.gid);
    await chmod(join(at.home, directory), 0o770);
  }
  [marker, program] = [join(at.home, 'tmp/marker'), join(at.home, 'tmp/run')];
  await byNobody('tmp/run', `#!/bin/sh\nid -u > ${marker}\n`);
  await execa('chmod', ['755', program], NOBODY);
});

/** Writes a file of the home as the manager's account. */
const byNobody = (path: string, text: string) =>
  execa('sh', ['-c', 'cat > "$1"', 'sh', join(at.home, path)], { ...NOBODY, input: text });

const hasRun = () =>
  access(marker).then(
    () => true,
    () => false,
  );

const add = (response: string) => runWithArguments(at, response, ossec('add', ADDRESS.attacker));

for (const key of ['APACHE_CHECK', 'APACHE_RELOAD', 'APACHE_FILE'])
  test(`refuses ${key} and runs nothing`, async () => {
    const value = key === 'APACHE_FILE' ? '/etc/passwd-' : program;
    await byNobody('etc/riposte.conf', `APACHE_DENY=apache24\n${key}=${value}\n`);
    const { status, stderr } = await add('apache-deny');
    assert.is(status, 78);
    assert.match(
      stderr,
      `riposte.conf:2: ${key} names a program, file or server for root, and counts only in a file that root alone can change; ${at.home}/etc/riposte.conf belongs to account 65534: move the line to /etc/riposte.conf`,
    );
    assert.not(await hasRun());
  });

test('refuses a program in MAIL_SERVER, and accepts a server', async () => {
  await byNobody('etc/riposte.conf', `MAIL_TO=root@example.org\nMAIL_SERVER=${program}\n`);
  await add('email-alert');
  const { stderr } = await verb(at, ['sweep']);
  assert.match(String(stderr), /riposte\.conf:2: MAIL_SERVER names a program, file or server for root/);
  assert.not(await hasRun());
  await byNobody('etc/riposte.conf', 'MAIL_TO=root@example.org\nMAIL_SERVER=smtp://127.0.0.1:9\n');
  assert.match(String((await verb(at, ['sweep'])).stderr), /1 message waits for smtp:\/\/127\.0\.0\.1:9/);
});

test('still blocks with other settings in the same file', async () => {
  await byNobody('etc/riposte.conf', 'BLOCK_FOR=1d\n');
  assert.is((await add('firewall-drop')).status, 0);
  assert.ok((await at.ledger('firewall-drop', ADDRESS.attacker))?.until);
});

test('doctor reports a setting that names a program', async () => {
  await byNobody('etc/riposte.conf', `APACHE_CHECK=${program}\n`);
  const { stdout } = await verb(at, ['doctor', '--skip-test']);
  assert.match(String(stdout), /riposte\.conf:1: APACHE_CHECK names a program, file or server for root/);
});

test('reads a setting that names a program from /etc/riposte.conf, and other settings from the home', async () => {
  const mounts = await Mounts.create();
  try {
    await mounts.run('mount', '-t', 'tmpfs', 'none', '/opt');
    await mounts.run('mkdir', '/opt/upper', '/opt/work');
    const overlay = 'lowerdir=/etc,upperdir=/opt/upper,workdir=/opt/work';
    await mounts.run('mount', '-t', 'overlay', '-o', overlay, 'none', '/etc');
    await writeFile(join(at.home, 'check'), `#!/bin/sh\nid -u > ${marker}\n`, { mode: 0o755 });
    await mounts.run('sh', '-c', `echo 'BLOCK_FOR=9d\nAPACHE_CHECK=${at.home}/check' > /etc/riposte.conf`);
    await byNobody('etc/riposte.conf', 'APACHE_DENY=apache24\nAPACHE_RELOAD=\nBLOCK_FOR=1d\n');
    const [first = '', ...words] = [
      ...mounts.prefix,
      at.script('apache-deny'),
      ...ossec('add', ADDRESS.attacker),
    ];
    const { exitCode, stderr } = await execa(first, words, { reject: false, stdin: 'ignore', env: { PATH } });
    assert.is(exitCode, 0, String(stderr));
    assert.is(await readFile(marker, 'utf8'), '0\n');
    const until = (await at.ledger('apache-deny', ADDRESS.attacker))?.until;
    assert.ok(Date.parse(String(until)) < Date.now() + 2 * 86_400_000);
  } finally {
    await mounts.remove();
  }
});

test.run();
