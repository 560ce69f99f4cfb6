import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { EX } from '../../../active-response/errors.ts';
import { ManagerTree } from '../../lab/manager-tree.ts';
import { labSuite } from '../../lab/suite.ts';
import { differences, snapshot } from '../../lab/tree-snapshot.ts';
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
  test(`a host without a manager, ${hasSystemd ? 'with' : 'without'} systemd: twice is once, and a purge leaves what was there`, async () => {
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

test('the logs that are there are in LOGS', async () => {
  const root = await emptyHost(true);
  await run(['install', '--standalone', '--root', root]);
  const conf = join(root, 'var/lib/riposte/etc/riposte.conf');
  assert.match(await readFile(conf, 'utf8'), /^LOGS=\/var\/log\/apache2\/access\.log$/m);
  await rm(root, { recursive: true });
});

test('behind a proxy the server answers by Apache, whose file it may write', async () => {
  const root = await emptyHost(true);
  await run(['install', '--standalone', '--behind-proxy', '--root', root]);
  const unit = await readFile(join(root, 'etc/systemd/system/riposte.service'), 'utf8');
  assert.match(unit, /^ExecStart=.* serve --home \/var\/lib\/riposte --response apache-deny$/m);
  assert.match(unit, /^ReadWritePaths=.* -\/var\/lib\/riposte\/apache$/m);
  const response = async () =>
    /--response \S+/.exec(await readFile(join(root, 'etc/systemd/system/riposte.service'), 'utf8'))?.[0];
  await run(['install', '--standalone', '--root', root]);
  assert.is(await response(), '--response apache-deny', 'it is remembered');
  await run(['install', '--standalone', '--no-behind-proxy', '--root', root]);
  assert.is(await response(), undefined);
  await rm(root, { recursive: true });
});

test('doctor finds nothing wrong with it but that nobody has started the server', async () => {
  const root = await emptyHost(false);
  await run(['install', '--standalone', '--root', root]);
  const { out } = await run(['doctor', '--home', join(root, 'var/lib/riposte')]);
  assert.match(out, 'ok       version          the scripts are those of this program');
  assert.match(
    out,
    /WARN +manager +neither a manager nor riposte serve runs here.*\n +fix: systemctl enable --now/,
  );
  await rm(root, { recursive: true });
});

test('a manager’s directory is no home for it', async () => {
  const tree = await ManagerTree.create('ossec-agent');
  const args = ['install', '--standalone', '--root', tree.root, '--home', '/var/ossec'];
  const { exitCode, err } = await run(args);
  assert.is(exitCode, EX.USAGE);
  assert.match(err, 'install there without --standalone');
  await tree.remove();
});

test.run();
