import { existsSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { EX } from '../../../active-response/errors.ts';
import { OSSEC_AGENT, OSSEC_SERVER, WAZUH_SERVER } from '../../lab/manager-conf.ts';
import { ManagerTree } from '../../lab/manager-tree.ts';
import { Mounts } from '../../lab/mounts.ts';
import { labSuite } from '../../lab/suite.ts';
import { differences, snapshot } from '../../lab/tree-snapshot.ts';
import { type Run, run } from './run.ts';

const test = labSuite('install: bad input');

/** Runs a command that must be refused: with this exit code, these words, and without a change to any file. */
async function refused(
  tree: ManagerTree,
  args: string[],
  exitCode: number,
  words: RegExp,
  around: Parameters<typeof run>[1] = {},
): Promise<Run> {
  const before = snapshot(tree.root, true);
  const ended = await run([...args, '--root', tree.root], around);
  assert.is(ended.exitCode, exitCode, ended.err);
  assert.match(ended.err, words);
  assert.is(ended.err.split('\n').length, 1, 'one line');
  assert.equal(differences(before, snapshot(tree.root, true)), []);
  return ended;
}

test('whoever is not root is told so', async () => {
  const tree = await ManagerTree.create('ossec-agent');
  // Root is what it must be, not what may read this checkout.
  const program = join(tree.root, 'riposte.js');
  await writeFile(program, await readFile('dist/riposte.js'), { mode: 0o755 });
  const prefix = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--'];
  for (const verb of ['install', 'uninstall'])
    await refused(tree, [verb], EX.NOPERM, new RegExp(`${verb} changes .*run it as root`), {
      prefix,
      program,
    });
  await tree.remove();
});

test('a host without a manager', async () => {
  const root = await mkdtemp(join(tmpdir(), 'riposte-root-'));
  const { exitCode, err } = await run(['install', '--root', root]);
  assert.equal([exitCode, /neither OSSEC nor Wazuh/.test(err), /--home/.test(err)], [EX.USAGE, true, true]);
  assert.is((await run(['uninstall', '--root', root])).exitCode, EX.USAGE);
  await rm(root, { recursive: true });
});

test('two managers: both are named, and --home chooses one', async () => {
  const tree = await ManagerTree.create('ossec-server');
  await mkdir(join(tree.root, 'opt'));
  await execa('cp', ['--archive', tree.home, join(tree.root, 'opt/ossec')]);
  await refused(tree, ['install'], EX.USAGE, /\/var\/ossec and in .*\/opt\/ossec; say which by --home/);
  assert.is((await run(['install', '--home', '/opt/ossec', '--root', tree.root])).exitCode, 0);
  assert.ok(snapshot(tree.root).has('opt/ossec/bin/riposte'));
  assert.not.ok(snapshot(tree.root).has('var/ossec/bin/riposte'));
  await tree.remove();
});

test('a --home that is no manager, or not there', async () => {
  const tree = await ManagerTree.create('ossec-server');
  await refused(tree, ['install', '--home', '/var'], EX.USAGE, /no manager's directory/);
  await refused(tree, ['install', '--home', '/nowhere'], EX.USAGE, /there is no directory .*\/nowhere/);
  await refused(tree, ['uninstall', '--home', '/nowhere'], EX.USAGE, /there is no directory/);
  await tree.remove();
});

test('a directory that is not named by --home is refused, not passed over', async () => {
  const tree = await ManagerTree.create('ossec-server');
  for (const verb of ['install', 'uninstall'])
    await refused(tree, [verb, '/opt/ossec'], EX.USAGE, /takes no '\/opt\/ossec': .* by --home/);
  await tree.remove();
});

test('a home that cannot stand in a unit of systemd', async () => {
  const tree = await ManagerTree.create('ossec-server');
  await rename(tree.home, join(tree.root, 'var/my ossec'));
  await refused(tree, ['install', '--home', '/var/my ossec'], EX.USAGE, /my ossec has a character/);
  await tree.remove();
});

test('a manager of Wazuh 5 runs no responses', async () => {
  const tree = await ManagerTree.create('wazuh5-server');
  await refused(tree, ['install'], EX.USAGE, /Wazuh 5.*on its agents/);
  await tree.remove();
});

for (const [what, kind, conf, words] of [
  [
    'the manager refuses',
    'ossec-server',
    OSSEC_SERVER.replace('<rules>', '<rules><!-- BROKEN -->'),
    /broken already.*\(1226\)/,
  ],
  [
    'the manager refuses',
    'wazuh4-server',
    WAZUH_SERVER.replace('<ruleset>', '<ruleset><!-- BROKEN -->'),
    /broken already.*\(1226\)/,
  ],
  ['nobody can read', 'ossec-agent', OSSEC_AGENT.replace('</client>', ''), /ossec\.conf:\d+: /],
  ['has no configuration in it', 'ossec-agent', '<agent_config></agent_config>\n', /no <ossec_config>/],
] as const) {
  test(`${kind}: an ossec.conf that ${what}`, async () => {
    const tree = await ManagerTree.create(kind, conf);
    await refused(tree, ['install'], EX.CONFIG, words);
    await tree.remove();
  });
}

test('a rule file that the manager refuses: its own words, with the line', async () => {
  const tree = await ManagerTree.create('ossec-server');
  await tree.write(
    'bin/ossec-analysisd',
    `#!/bin/sh\necho "2026/11/20 15:10:03 ossec-analysisd(1226): ERROR: Error reading XML file 'rules//local_rules.xml': XMLERR: End of file and some elements were not closed. (line 64)." >&2\nexit 1\n`,
    0o755,
  );
  await refused(tree, ['install'], EX.CONFIG, /broken already.*were not closed\. \(line 64\)\./);
  await tree.remove();
});

test('a manager that never ran: the check of a refused ossec.conf leaves no ar.conf', async () => {
  const tree = await ManagerTree.create('ossec-server');
  await rm(tree.path('etc/shared/ar.conf'));
  await tree.write(
    'bin/ossec-logcollector',
    '#!/bin/sh\necho "ERROR: (1235): log_format" >&2\nexit 1\n',
    0o755,
  );
  await refused(tree, ['install'], EX.CONFIG, /ossec-logcollector -t: .*\(1235\)/);
  assert.match(await tree.read('checks.log'), 'ossec-analysisd'); // which has written one
  await tree.remove();
});

test('an ossec.conf that is not there', async () => {
  const tree = await ManagerTree.create('ossec-server');
  await rm(tree.path('etc/ossec.conf'));
  await refused(tree, ['install'], EX.CONFIG, /there is no .*etc\/ossec\.conf/);
  await tree.remove();
});

test('an ossec.conf that the manager refuses only with Riposte in it: files that were replaced are back', async () => {
  const tree = await ManagerTree.create('ossec-server');
  await tree.write('active-response/bin/route-null.js', '#!/usr/bin/env node\n// Riposte: older\n', 0o755);
  const checker =
    '#!/bin/sh\nfor conf; do :; done\ngrep -q riposte:begin "$conf" || exit 0\necho "$(basename "$0"): ERROR: (1202): no \u001b[31mthanks"\nexit 1\n';
  await tree.write('bin/ossec-analysisd', checker, 0o755);
  const { err } = await refused(
    tree,
    ['install'],
    EX.CONFIG,
    /does not take the new.*\(1202\): no \\u001b\[31mthanks/,
  );
  assert.match(err, 'nothing was changed');
  await tree.remove();
});

test('Wazuh: a new warning is a refusal, one that was there before is none; to OSSEC none is', async () => {
  const warns =
    '#!/bin/sh\nfor conf; do :; done\ngrep -q riposte:begin "$conf" && echo "2026/11/20 10:00:00 x: WARNING: (7605): odd, line 7"\nexit 0\n';
  const wazuh = await ManagerTree.create('wazuh4-server');
  await wazuh.write('bin/wazuh-analysisd', warns, 0o755);
  await refused(wazuh, ['install'], EX.CONFIG, /does not take.*\(7605\): odd/);
  await wazuh.write('bin/wazuh-analysisd', warns.replace('grep', 'true || grep'), 0o755);
  assert.is((await run(['install', '--root', wazuh.root])).exitCode, 0);
  const ossec = await ManagerTree.create('ossec-server');
  await ossec.write('bin/ossec-analysisd', warns, 0o755);
  assert.is((await run(['install', '--root', ossec.root])).exitCode, 0);
  await Promise.all([wazuh.remove(), ossec.remove()]);
});

test('a part between the markers that somebody has edited, for install and for uninstall; --force discards it', async () => {
  const tree = await ManagerTree.create('ossec-server');
  const before = await tree.read('etc/ossec.conf');
  await run(['install', '--root', tree.root]);
  const conf = await tree.read('etc/ossec.conf');
  await tree.write(
    'etc/ossec.conf',
    conf.replace(
      '<timeout>600</timeout>\n  </active-response>\n  <!-- Tools',
      '<timeout>60</timeout>\n  </active-response>\n  <!-- Tools',
    ),
  );
  await refused(tree, ['install'], EX.CONFIG, /was changed by hand/);
  await refused(tree, ['uninstall', '--purge'], EX.CONFIG, /was changed by hand/);
  assert.is((await run(['uninstall', '--force', '--root', tree.root])).exitCode, 0);
  assert.is(await tree.read('etc/ossec.conf'), before);
  await tree.remove();
});

test('an ossec.conf that somebody changes while the manager checks the new one keeps that change', async () => {
  const tree = await ManagerTree.create('ossec-server');
  const edits = `#!/bin/sh\nfor conf; do :; done\ncase $conf in *.riposte) echo "<!-- edited -->" >> ${tree.path('etc/ossec.conf')}; esac\n`;
  const changedMeanwhile = async (verb: string) => {
    const before = await tree.read('etc/ossec.conf');
    const files = snapshot(tree.root);
    const { exitCode, err } = await run([verb, '--root', tree.root]);
    assert.is(exitCode, EX.TEMPFAIL, err);
    assert.match(err, /somebody has changed .*etc\/ossec\.conf meanwhile: run it again; nothing was changed/);
    assert.is(await tree.read('etc/ossec.conf'), `${before}<!-- edited -->\n`);
    assert.equal(differences(files, snapshot(tree.root)), ['~ var/ossec/etc/ossec.conf']);
  };
  const sound = await tree.read('bin/ossec-logtest');
  await tree.write('bin/ossec-logtest', edits, 0o755);
  await changedMeanwhile('install');
  await tree.write('bin/ossec-logtest', sound, 0o755);
  assert.is((await run(['install', '--root', tree.root])).exitCode, 0);
  await tree.write('bin/ossec-logtest', edits, 0o755);
  await changedMeanwhile('uninstall');
  await tree.remove();
});

test('two at once: the second is told of the first, and changes nothing', async () => {
  const tree = await ManagerTree.create('ossec-server');
  await mkdir(join(tree.root, 'run'));
  const check = await tree.read('bin/ossec-logtest');
  const [started, go] = ['started', 'go'].map((name) => join(tree.root, name));
  const waits = `#!/bin/sh\ntouch ${started}\nuntil [ -e ${go} ]; do sleep 0.01; done\n`;
  await tree.write('bin/ossec-logtest', waits, 0o755);
  const first = run(['install', '--root', tree.root]);
  while (!existsSync(started ?? '')) await setTimeout(10);
  for (const verb of ['install', 'uninstall'])
    await refused(
      tree,
      [verb],
      EX.TEMPFAIL,
      /another riposte install or uninstall \(process \d+\) is at work/,
    );
  await writeFile(go ?? '', '');
  assert.is((await first).exitCode, 0);
  await tree.write('bin/ossec-logtest', check, 0o755);
  assert.match((await run(['install', '--root', tree.root])).out, 'nothing to do');
  assert.not.ok(existsSync(join(tree.root, 'run/riposte-install.lock')));
  await tree.remove();
});

test('a signal while the manager checks: the install comes to its end; Ctrl-C takes it back', async () => {
  const tree = await ManagerTree.create('ossec-server');
  const signalled = '#!/bin/sh\nfor conf; do :; done\ncase $conf in *.riposte) kill -';
  await tree.write('bin/ossec-logtest', `${signalled}INT $PPID $$; esac\n`, 0o755);
  await refused(tree, ['install'], EX.CONFIG, /ossec-logtest -t: .*SIGINT.*nothing was changed/);
  await tree.write('bin/ossec-logtest', `${signalled}TERM $PPID; esac\n`, 0o755);
  assert.is((await run(['install', '--root', tree.root])).exitCode, 0);
  await tree.write('bin/ossec-logtest', '#!/bin/sh\n', 0o755);
  assert.match((await run(['install', '--root', tree.root])).out, 'nothing to do');
  await tree.remove();
});

test('an ossec.conf that is a pipe', async () => {
  const tree = await ManagerTree.create('ossec-agent');
  await rm(tree.path('etc/ossec.conf'));
  await execa('mkfifo', [tree.path('etc/ossec.conf')]);
  for (const verb of ['install', 'uninstall']) {
    const { exitCode, err } = await run([verb, '--root', tree.root]);
    assert.is(exitCode, EX.CONFIG, err);
    assert.match(err, /etc\/ossec\.conf is no regular file/);
  }
  await tree.remove();
});

test('files of somebody else’s in our places are all named, and left', async () => {
  const tree = await ManagerTree.create('ossec-server');
  await tree.write('active-response/bin/route-null.js', '#!/bin/sh\n# my own\n', 0o755);
  await tree.write('rules/riposte_scanners.xml', '<!-- mine -->\n');
  await mkdir(tree.path('etc/riposte_decoders.xml'));
  const words = /route-null\.js.*riposte_decoders\.xml.*riposte_scanners\.xml: .*move it away/;
  await refused(tree, ['install'], EX.CANTCREAT, words);
  await tree.remove();
});

test('a /usr/local/bin/riposte of somebody else’s stays, and is no reason not to install', async () => {
  const tree = await ManagerTree.create('ossec-agent');
  const other = join(tree.root, 'usr/local/bin/riposte');
  await mkdir(join(other, '..'), { recursive: true });
  await writeFile(other, 'another\n');
  const { exitCode, out } = await run(['install', '--root', tree.root]);
  assert.equal([exitCode, await readFile(other, 'utf8')], [0, 'another\n']);
  assert.match(out, 'usr/local/bin/riposte is somebody else');
  await run(['uninstall', '--purge', '--root', tree.root]);
  assert.is(await readFile(other, 'utf8'), 'another\n');
  await tree.remove();
});

test('a damaged manifest', async () => {
  const tree = await ManagerTree.create('ossec-agent');
  await run(['install', '--root', tree.root]);
  await appendFile(tree.path('var/riposte/installed.json'), '}');
  await refused(tree, ['install'], EX.IOERR, /installed\.json is damaged; remove it/);
  await refused(tree, ['uninstall'], EX.IOERR, /installed\.json is damaged/);
  await tree.remove();
});

test('a read-only file system', async () => {
  const tree = await ManagerTree.create('ossec-server');
  const mounts = await Mounts.create();
  await mounts.run('mount', '--bind', tree.root, tree.root);
  await mounts.run('mount', '--options', 'remount,ro,bind', tree.root);
  await refused(tree, ['install'], EX.IOERR, /the file system is read-only/, { prefix: mounts.prefix });
  const leftover = tree.path('etc/.ossec.conf.riposte-new');
  await writeFile(leftover, 'of a killed run');
  await refused(tree, ['install'], EX.IOERR, /riposte-new: the file system is read-only/, {
    prefix: mounts.prefix,
  });
  await run(['install', '--root', tree.root]);
  await refused(tree, ['uninstall', '--purge'], EX.IOERR, /read-only/, { prefix: mounts.prefix });
  await mounts.remove();
  await tree.remove();
});

test('a disk that is full, whenever: nothing is changed, and once there is room it works', async () => {
  const tree = await ManagerTree.create('ossec-server');
  const mounts = await Mounts.create();
  const disk = `${tree.root}-disk`;
  await mkdir(disk);
  const ends: (number | undefined)[] = [];
  for (const kilobytes of [120, 160, 200, 280, 360, 1200, 1240, 1272, 1288, 1304, 1320, 4000]) {
    await mounts.run('mount', '-t', 'tmpfs', '-o', `size=${kilobytes}k,mode=755`, 'none', disk);
    await mounts.run('cp', '--archive', `${tree.root}/.`, disk);
    const before = snapshot(mounts.path(disk), true);
    const { exitCode, err } = await run(['install', '--root', disk], { prefix: mounts.prefix });
    ends.push(exitCode);
    if (exitCode !== 0) {
      assert.match(err, /no space left.*nothing was changed/);
      assert.equal(differences(before, snapshot(mounts.path(disk), true)), [], `${kilobytes} KB`);
    }
    await mounts.run('umount', disk);
  }
  assert.is(ends.at(-1), 0);
  assert.ok(ends.filter((end) => end === EX.IOERR).length > 5, ends.join());
  await mounts.remove();
  await Promise.all([tree.remove(), rm(disk, { recursive: true })]);
});

test('a manager that does not restart: all is in place, and its words are told', async () => {
  const tree = await ManagerTree.create('ossec-agent');
  await rename(tree.path('bin/ossec-control'), tree.path('bin/ossec-control.was'));
  await tree.write('bin/ossec-control', '#!/bin/sh\necho "cannot start" >&2\nexit 1\n', 0o755);
  const { exitCode, err } = await run(['install', '--restart', '--root', tree.root]);
  assert.is(exitCode, EX.UNAVAILABLE);
  assert.match(err, /ossec-control restart: cannot start/);
  assert.match((await run(['install', '--root', tree.root])).out, 'nothing to do');
  await tree.remove();
});

test.run();
