import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as assert from 'uvu/assert';
import { EX } from '../../base/errors.ts';
import { ManagerTree } from '../lab/manager-tree.ts';
import { labSuite } from '../lab/suite.ts';
import { differences, snapshot } from '../lab/tree-snapshot.ts';
import { run } from './run.ts';

const test = labSuite('install --standalone');

async function emptyHost(hasSystemd: boolean): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'riposte-root-'));
  await mkdir(join(root, 'var/log/apache2'), { recursive: true });
  await writeFile(join(root, 'var/log/apache2/access.log'), '');
  if (hasSystemd) await mkdir(join(root, 'run/systemd/system'), { recursive: true });
  return root;
}

for (const hasSystemd of [true, false]) {
  test(`installs on a host without a manager, ${hasSystemd ? 'with' : 'without'} systemd, once, and leaves nothing after a purge`, async () => {
    const root = await emptyHost(hasSystemd);
    const before = snapshot(root);
    const first = await run(['install', '--standalone', '--root', root]);
    assert.is(first.exitCode, 0, first.err);
    assert.match(
      first.out,
      hasSystemd ? 'systemctl enable --now riposte.service' : '/var/lib/riposte/bin/riposte serve',
    );
    const installed = snapshot(root);
    const added = differences(before, installed).join('\n');
    assert.match(added, '+ var/lib/riposte/active-response/bin/firewall-drop.js');
    assert.is(added.includes('+ etc/systemd/system/riposte.service'), hasSystemd);
    assert.match(added, hasSystemd ? 'riposte-sweep.timer' : '+ etc/cron.d/riposte');
    assert.is((await run(['install', '--standalone', '--root', root])).exitCode, 0);
    assert.equal(differences(installed, snapshot(root)), []);
    const out = await run(['uninstall', '--purge', '--root', root]);
    assert.is(out.exitCode, 0, out.err);
    assert.equal(differences(before, snapshot(root)), []);
    await rm(root, { recursive: true });
  });
}

test('with --fail2ban, installs an action of fail2ban for this home, remembers the option, and later removes the action', async () => {
  const root = await emptyHost(true);
  const before = snapshot(root);
  const action = join(root, 'etc/fail2ban/action.d/riposte.conf');
  const install = (...words: string[]) => run(['install', '--standalone', '--root', root, ...words]);
  await install();
  assert.is(existsSync(action), false);
  await install('--fail2ban');
  assert.match(await readFile(action, 'utf8'), /^home = \/var\/lib\/riposte$/m);
  const again = await install();
  assert.match(again.out, '--fail2ban, as before (--no-fail2ban revokes it)');
  assert.is(existsSync(action), true);
  await install('--no-fail2ban');
  assert.is(existsSync(action), false);
  await install('--fail2ban');
  await run(['uninstall', '--purge', '--root', root]);
  assert.equal(differences(before, snapshot(root)), []);
  await rm(root, { recursive: true });
});

test('writes the existing logs into LOGS', async () => {
  const root = await emptyHost(true);
  await run(['install', '--standalone', '--root', root]);
  const conf = join(root, 'var/lib/riposte/etc/riposte.conf');
  assert.match(await readFile(conf, 'utf8'), /^LOGS=\/var\/log\/apache2\/access\.log$/m);
  await rm(root, { recursive: true });
});

/** A host with configured Apache and nginx. */
async function configuredHost(): Promise<string> {
  const root = await emptyHost(true);
  const files = {
    'etc/apache2/apache2.conf': `LoadModule security2_module modules/mod_security2.so
LogFormat "%a %t \\"%r\\" %>s" shop
CustomLog \${APACHE_LOG_DIR}/shop.log shop
CustomLog \${APACHE_LOG_DIR}/forged.log "%V %h %l %u %t \\"%r\\""
ErrorLog \${APACHE_LOG_DIR}/error.log`,
    'etc/apache2/envvars': 'export APACHE_LOG_DIR=/var/log/apache2$SUFFIX',
    'etc/nginx/nginx.conf': 'http { access_log /var/log/nginx/access.log; }',
    'var/log/apache2/shop.log': '',
    'var/log/apache2/forged.log': '',
    'var/log/apache2/error.log': '',
    'var/log/nginx/access.log': '',
    'var/log/nginx/error.log': '',
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
}

const FOUND = [
  'found /var/log/apache2/shop.log in /etc/apache2/apache2.conf: apache:"%a %t \\"%r\\" %>s"',
  'found /var/log/apache2/error.log in /etc/apache2/apache2.conf: apache-error',
  'found /var/log/nginx/access.log in /etc/nginx/nginx.conf: combined',
  'left out /var/log/nginx/error.log: clients can write whole lines into nginx’s error log',
];

test('writes the logs of the web servers’ configuration into LOGS, and lists the logs that it found and left out', async () => {
  const root = await configuredHost();
  const rehearsed = await run(['install', '--standalone', '--dry-run', '--root', root]);
  assert.is(rehearsed.exitCode, 0, rehearsed.err);
  const { out } = await run(['install', '--standalone', '--root', root]);
  for (const line of FOUND) {
    assert.match(out, line);
    assert.match(rehearsed.out, line);
  }
  assert.match(out, /left out \/var\/log\/apache2\/forged\.log: \/etc\/apache2\/apache2\.conf:4: .*%V/);
  const lines = (await readFile(join(root, 'var/lib/riposte/etc/riposte.conf'), 'utf8')).split('\n');
  assert.ok(lines.includes('LOG_FORMAT_shop=apache:"%a %t \\"%r\\" %>s"'));
  assert.ok(
    lines.includes(
      'LOGS=/var/log/apache2/shop.log=shop,/var/log/apache2/error.log,/var/log/nginx/access.log',
    ),
  );
  const again = await run(['install', '--standalone', '--root', root]);
  assert.not.match(again.out, /left out/, 'LOGS is set');
  await rm(root, { recursive: true });
});

test('suggests LOGS when riposte.conf exists without it', async () => {
  const root = await configuredHost();
  await mkdir(join(root, 'etc'), { recursive: true });
  await writeFile(join(root, 'etc/riposte.conf'), 'BLOCK_FOR=1d\n');
  const { out } = await run(['install', '--standalone', '--root', root]);
  assert.match(out, '/etc/riposte.conf has no LOGS, and Riposte does not change this file; you can add:');
  assert.match(out, 'LOGS=/var/log/apache2/shop.log=shop,');
  assert.is(await readFile(join(root, 'etc/riposte.conf'), 'utf8'), 'BLOCK_FOR=1d\n');
  await rm(root, { recursive: true });
});

test('behind a proxy, blocks with apache-deny, and lets the server write Apache’s file', async () => {
  const root = await emptyHost(true);
  await run(['install', '--standalone', '--behind-proxy', '--root', root]);
  const unit = await readFile(join(root, 'etc/systemd/system/riposte.service'), 'utf8');
  assert.match(unit, /^ExecStart=.* serve --home \/var\/lib\/riposte --response apache-deny$/m);
  assert.match(unit, /^ReadWritePaths=.* -\/var\/lib\/riposte\/apache /m);
  const response = async () =>
    /--response \S+/.exec(await readFile(join(root, 'etc/systemd/system/riposte.service'), 'utf8'))?.[0];
  await run(['install', '--standalone', '--root', root]);
  assert.is(await response(), '--response apache-deny', 'the choice is remembered');
  await run(['install', '--standalone', '--no-behind-proxy', '--root', root]);
  assert.is(await response(), undefined);
  await rm(root, { recursive: true });
});

test('passes doctor except for the server that was not started', async () => {
  const root = await emptyHost(false);
  await run(['install', '--standalone', '--root', root]);
  const { out } = await run(['doctor', '--home', join(root, 'var/lib/riposte')]);
  assert.match(out, 'ok       version          the scripts are from this program');
  assert.match(
    out,
    /WARN +manager +neither a manager nor riposte serve runs here.*\n +fix: systemctl enable --now/,
  );
  await rm(root, { recursive: true });
});

test('refuses a manager’s directory as its home', async () => {
  const tree = await ManagerTree.create('ossec-agent');
  const args = ['install', '--standalone', '--root', tree.root, '--home', '/var/ossec'];
  const { exitCode, err } = await run(args);
  assert.is(exitCode, EX.USAGE);
  assert.match(err, 'install there without --standalone');
  await tree.remove();
});

test.run();
