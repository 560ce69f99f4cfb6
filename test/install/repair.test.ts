import { existsSync } from 'node:fs';
import { appendFile, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { EX } from '../../base/errors.ts';
import { ManagerTree } from '../lab/manager-tree.ts';
import { Mounts } from '../lab/mounts.ts';
import { labSuite } from '../lab/suite.ts';
import { differences, snapshot } from '../lab/tree-snapshot.ts';
import { run } from './run.ts';

const test = labSuite('repair of an installation');

test('puts an edited file back, and keeps the edit beside it', async () => {
  const tree = await ManagerTree.create('ossec-server');
  await run(['install', '--root', tree.root]);
  const installed = snapshot(tree.root);
  for (const [file, number] of [
    ['rules/riposte_scanners.xml', ''],
    ['etc/riposte_decoders.xml', ''],
    ['active-response/bin/route-null.js', ''],
    ['rules/riposte_scanners.xml', '-2'],
  ] as const) {
    const edit = `${await tree.read(file)}<!-- mine${number} -->\n`;
    await writeFile(tree.path(file), edit);
    const rehearsed = await run(['install', '--dry-run', '--root', tree.root]);
    assert.match(
      rehearsed.out,
      `/var/ossec/${file} was edited since it was installed: would keep the edit as /var/ossec/${file}.edited${number}~`,
    );
    const { exitCode, out, err } = await run(['install', '--root', tree.root]);
    assert.is(exitCode, 0, err);
    assert.match(out, `kept the edit as /var/ossec/${file}.edited${number}~`);
    assert.is(await tree.read(`${file}.edited${number}~`), edit);
  }
  const kept = differences(installed, snapshot(tree.root));
  assert.equal(
    kept.map((line) => line.replace(/^\+ .*\//, '')).sort(),
    [
      'route-null.js.edited~',
      'riposte_decoders.xml.edited~',
      'riposte_scanners.xml.edited~',
      'riposte_scanners.xml.edited-2~',
    ].sort(),
  );
  await tree.remove();
});

test('puts back files that were moved away, although ossec.conf is broken without them', async () => {
  const tree = await ManagerTree.create('ossec-server');
  await run(['install', '--root', tree.root]);
  const installed = snapshot(tree.root);
  await rename(tree.path('rules/riposte_scanners.xml'), join(tree.root, 'scanners.xml'));
  const { exitCode, err } = await run(['install', '--root', tree.root]);
  assert.is(exitCode, 0, err);
  await rm(join(tree.root, 'scanners.xml'));
  assert.equal(differences(installed, snapshot(tree.root)), []);
  await tree.remove();
});

test('refuses an ossec.conf with an error outside Riposte’s part', async () => {
  const tree = await ManagerTree.create('ossec-server');
  await run(['install', '--root', tree.root]);
  await rm(tree.path('rules/riposte_scanners.xml'));
  await appendFile(tree.path('etc/ossec.conf'), '<!-- BROKEN -->\n');
  const before = snapshot(tree.root, true);
  const { exitCode, err } = await run(['install', '--root', tree.root]);
  assert.is(exitCode, EX.CONFIG);
  assert.match(
    err,
    /refuses .* even without Riposte's change; correct that file first: .*Error reading XML file; nothing was changed/,
  );
  assert.equal(differences(before, snapshot(tree.root, true)), []);
  await tree.remove();
});

test('names the manager in its first line', async () => {
  for (const [kind, words] of [
    ['ossec-server', 'found OSSEC 4.2.0, server, in /var/ossec\n'],
    ['ossec-agent', 'found OSSEC 4.2.0, agent, in /var/ossec\n'],
    ['wazuh4-server', 'found Wazuh 4.14.7, server, in /var/ossec\n'],
  ] as const) {
    const tree = await ManagerTree.create(kind);
    for (const options of [['--dry-run'], []]) {
      const { out } = await run(['install', ...options, '--root', tree.root]);
      assert.is(out.slice(0, words.length), words);
    }
    await tree.remove();
  }
  const root = (await ManagerTree.create('ossec-agent')).root;
  await rm(join(root, 'var/ossec'), { recursive: true });
  const alone = await run(['install', '--standalone', '--dry-run', '--root', root]);
  assert.match(alone.out, /^no manager: riposte serve will read the logs, from \/var\/lib\/riposte\n/);
  await rm(root, { recursive: true });
});

test('leaves out link, manual page and completion when /usr/local is read-only, and reports that, even in a dry run', async () => {
  const tree = await ManagerTree.create('ossec-server');
  await mkdir(join(tree.root, 'usr/local/share'), { recursive: true });
  const mounts = await Mounts.create();
  const local = join(tree.root, 'usr/local');
  const { prefix } = mounts;
  await mounts.run('mount', '--bind', local, local);
  await mounts.run('mount', '--options', 'remount,ro,bind', local);
  const words =
    /left out .*\/usr\/local\/share\/man\/man8\/riposte\.8.*: \/usr\/local\/share is read-only; call the command as \/var\/ossec\/bin\/riposte/;
  assert.match((await run(['install', '--dry-run', '--root', tree.root], { prefix })).out, words);
  const first = await run(['install', '--root', tree.root], { prefix });
  assert.is(first.exitCode, 0, first.err);
  assert.match(first.out, words);
  assert.match((await run(['install', '--root', tree.root], { prefix })).out, 'nothing to do');
  // When /usr/local is writable again, the next install adds these files. When /usr/local is read-only, an uninstall
  // still works.
  assert.is((await run(['install', '--root', tree.root])).exitCode, 0);
  assert.ok(existsSync(join(local, 'share/man/man8/riposte.8')));
  const removed = await run(['uninstall', '--root', tree.root], { prefix });
  assert.is(removed.exitCode, 0, removed.err);
  assert.match(
    removed.out,
    '/usr/local/share/man/man8/riposte.8 stays: /usr/local/share/man/man8 is read-only; remove it by hand',
  );
  await mounts.remove();
  await tree.remove();
});

test('installs when /usr/local is a dangling link, or is a file', async () => {
  for (const make of [(path: string) => symlink('nowhere', path), (path: string) => writeFile(path, '')]) {
    const tree = await ManagerTree.create('ossec-agent');
    await mkdir(join(tree.root, 'usr'));
    await make(join(tree.root, 'usr/local'));
    const { exitCode, out, err } = await run(['install', '--root', tree.root]);
    assert.is(exitCode, 0, err);
    assert.match(
      out,
      /left out .*: \/usr\/local is (a link to a missing directory|not a directory); call the command as/,
    );
    await tree.remove();
  }
});

test('reads OSSEC’s version from the record of its installer', async () => {
  const tree = await ManagerTree.create('ossec-server');
  const init = await tree.read('etc/ossec-init.conf');
  await tree.write('etc/ossec-init.conf', init.replace('v4.2.0', 'v4.3.0'));
  assert.match(
    (await run(['install', '--dry-run', '--root', tree.root])).out,
    /^found OSSEC 4\.3\.0, server/,
  );
  assert.match(await readFile(tree.path('bin/ossec-control'), 'utf8'), 'v4.2.0');
  await tree.remove();
});

test.run();
