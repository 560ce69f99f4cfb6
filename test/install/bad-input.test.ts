import { existsSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { EX } from '../../base/errors.ts';
import { OSSEC_AGENT, OSSEC_SERVER, WAZUH_SERVER } from '../lab/manager-conf.ts';
import { ManagerTree } from '../lab/manager-tree.ts';
import { Mounts } from '../lab/mounts.ts';
import { eventually } from '../lab/server.ts';
import { labSuite } from '../lab/suite.ts';
import { differences, snapshot } from '../lab/tree-snapshot.ts';
import { leftToAll, SHARE } from '../runner/share.ts';
import { type Run, run } from './run.ts';

const test = labSuite('install: bad input');
const inAll = leftToAll(test);

/** Runs a command that must be refused with this exit code and these words, without a change to any file. */
async function refused(
  tree: ManagerTree,
  args: string[],
  exitCode: number,
  words: RegExp,
  runOptions: Parameters<typeof run>[1] = {},
): Promise<Run> {
  const before = snapshot(tree.root, true);
  const ended = await run([...args, '--root', tree.root], runOptions);
  assert.is(ended.exitCode, exitCode, ended.err);
  assert.match(ended.err, words);
  assert.is(ended.err.split('\n').length, 1, 'one line');
  assert.equal(differences(before, snapshot(tree.root, true)), []);
  return ended;
}

test('refuses to run without root', async () => {
  const tree = await ManagerTree.create('ossec-agent');
  // The account must lack root's rights, but be able to read this checkout.
  const program = join(tree.root, 'riposte.js');
  await writeFile(program, await readFile('dist/riposte.js'), { mode: 0o755 });
  const prefix = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--'];
  for (const verb of ['install', 'uninstall'])
    await refused(tree, [verb], EX.NOPERM, new RegExp(`${verb} needs root: run it as root`), {
      prefix,
      program,
    });
  await tree.remove();
});

test('refuses a host without a manager', async () => {
  const root = await mkdtemp(join(tmpdir(), 'riposte-root-'));
  const { exitCode, err } = await run(['install', '--root', root]);
  assert.equal([exitCode, /neither OSSEC nor Wazuh/.test(err), /--home/.test(err)], [EX.USAGE, true, true]);
  assert.is((await run(['uninstall', '--root', root])).exitCode, EX.USAGE);
  await rm(root, { recursive: true });
});

inAll('names both managers of a host, and installs for the manager that --home names', async () => {
  const tree = await ManagerTree.create('ossec-server');
  await mkdir(join(tree.root, 'opt'));
  await execa('cp', ['--archive', tree.home, join(tree.root, 'opt/ossec')]);
  await refused(tree, ['install'], EX.USAGE, /\/var\/ossec and in .*\/opt\/ossec; name one by --home/);
  assert.is((await run(['install', '--home', '/opt/ossec', '--root', tree.root])).exitCode, 0);
  assert.ok(snapshot(tree.root).has('opt/ossec/bin/riposte'));
  assert.not.ok(snapshot(tree.root).has('var/ossec/bin/riposte'));
  await tree.remove();
});

test('refuses a --home that is not a manager, or is missing', async () => {
  const tree = await ManagerTree.create('ossec-server');
  await refused(tree, ['install', '--home', '/var'], EX.USAGE, /not a manager's directory/);
  await refused(tree, ['install', '--home', '/nowhere'], EX.USAGE, /there is no directory .*\/nowhere/);
  await refused(tree, ['uninstall', '--home', '/nowhere'], EX.USAGE, /there is no directory/);
  await tree.remove();
});

inAll('refuses a directory that is named without --home', async () => {
  const tree = await ManagerTree.create('ossec-server');
  for (const verb of ['install', 'uninstall'])
    await refused(tree, [verb, '/opt/ossec'], EX.USAGE, /takes no '\/opt\/ossec': .* by --home/);
  await tree.remove();
});

inAll('refuses a home that a systemd unit cannot hold', async () => {
  const tree = await ManagerTree.create('ossec-server');
  await rename(tree.home, join(tree.root, 'var/my ossec'));
  await refused(tree, ['install', '--home', '/var/my ossec'], EX.USAGE, /my ossec contains a character/);
  await tree.remove();
});

test('refuses a manager of Wazuh 5, which runs no responses', async () => {
  const tree = await ManagerTree.create('wazuh5-server');
  await refused(tree, ['install'], EX.USAGE, /Wazuh 5.*on its agents/);
  await tree.remove();
});

for (const [what, kind, conf, words] of [
  [
    'the manager refuses',
    'ossec-server',
    OSSEC_SERVER.replace('<rules>', '<rules><!-- BROKEN -->'),
    /even without Riposte's change.*\(1226\)/,
  ],
  [
    'the manager refuses',
    'wazuh4-server',
    WAZUH_SERVER.replace('<ruleset>', '<ruleset><!-- BROKEN -->'),
    /even without Riposte's change.*\(1226\)/,
  ],
  ['is not valid XML', 'ossec-agent', OSSEC_AGENT.replace('</client>', ''), /ossec\.conf:\d+: /],
  ['has no configuration in it', 'ossec-agent', '<agent_config></agent_config>\n', /no <ossec_config>/],
] as const) {
  test(`${kind}: refuses an ossec.conf that ${what}`, async () => {
    const tree = await ManagerTree.create(kind, conf);
    await refused(tree, ['install'], EX.CONFIG, words);
    await tree.remove();
  });
}

inAll('reports the manager’s own words and line when the manager refuses a rule file', async () => {
  const tree = await ManagerTree.create('ossec-server');
  await tree.write(
    'bin/ossec-analysisd',
    `#!/bin/sh\necho "2026/11/20 15:10:03 ossec-analysisd(1226): ERROR: Error reading XML file 'rules//local_rules.xml': XMLERR: End of file and some elements were not closed. (line 64)." >&2\nexit 1\n`,
    0o755,
  );
  await refused(
    tree,
    ['install'],
    EX.CONFIG,
    /even without Riposte's change.*were not closed\. \(line 64\)\./,
  );
  await tree.remove();
});

inAll('removes the ar.conf that a check wrote when the check fails and the manager never ran', async () => {
  const tree = await ManagerTree.create('ossec-server');
  await rm(tree.path('etc/shared/ar.conf'));
  await tree.write(
    'bin/ossec-logcollector',
    '#!/bin/sh\necho "ERROR: (1235): log_format" >&2\nexit 1\n',
    0o755,
  );
  await refused(tree, ['install'], EX.CONFIG, /ossec-logcollector -t: .*\(1235\)/);
  assert.match(await tree.read('checks.log'), 'ossec-analysisd'); // the check has written ar.conf
  await tree.remove();
});

inAll('refuses a missing ossec.conf', async () => {
  const tree = await ManagerTree.create('ossec-server');
  await rm(tree.path('etc/ossec.conf'));
  await refused(tree, ['install'], EX.CONFIG, /there is no .*etc\/ossec\.conf/);
  await tree.remove();
});

test('restores replaced files when the manager refuses ossec.conf only after Riposte changed it', async () => {
  const tree = await ManagerTree.create('ossec-server');
  await tree.write('active-response/bin/route-null.js', '#!/usr/bin/env node\n// Riposte: older\n', 0o755);
  const checker =
    '#!/bin/sh\nfor conf; do :; done\ngrep -q riposte:begin "$conf" || exit 0\necho "$(basename "$0"): ERROR: (1202): no \u001b[31mthanks"\nexit 1\n';
  await tree.write('bin/ossec-analysisd', checker, 0o755);
  const { err } = await refused(
    tree,
    ['install'],
    EX.CONFIG,
    /refuses the new.*\(1202\): no \\u001b\[31mthanks/,
  );
  assert.match(err, 'nothing was changed');
  await tree.remove();
});

inAll('refuses a new warning of Wazuh, but neither an old warning nor a warning of OSSEC', async () => {
  const warns =
    '#!/bin/sh\nfor conf; do :; done\ngrep -q riposte:begin "$conf" && echo "2026/11/20 10:00:00 x: WARNING: (7605): odd, line 7"\nexit 0\n';
  const wazuh = await ManagerTree.create('wazuh4-server');
  await wazuh.write('bin/wazuh-analysisd', warns, 0o755);
  await refused(wazuh, ['install'], EX.CONFIG, /refuses.*\(7605\): odd/);
  await wazuh.write('bin/wazuh-analysisd', warns.replace('grep', 'true || grep'), 0o755);
  assert.is((await run(['install', '--root', wazuh.root])).exitCode, 0);
  const ossec = await ManagerTree.create('ossec-server');
  await ossec.write('bin/ossec-analysisd', warns, 0o755);
  assert.is((await run(['install', '--root', ossec.root])).exitCode, 0);
  await Promise.all([wazuh.remove(), ossec.remove()]);
});

test('refuses an edited part between the markers at install and uninstall, unless --force discards the edit', async () => {
  const tree = await ManagerTree.create('ossec-server');
  const before = await tree.read('etc/ossec.conf');
  await run(['install', '--root', tree.root]);
  const conf = await tree.read('etc/ossec.conf');
  await tree.write(
    'etc/ossec.conf',
    conf.replace(
      '<timeout>600</timeout>\n  </active-response>\n  <!-- Everything',
      '<timeout>60</timeout>\n  </active-response>\n  <!-- Everything',
    ),
  );
  await refused(tree, ['install'], EX.CONFIG, /someone has edited the part '/);
  await refused(tree, ['uninstall', '--purge'], EX.CONFIG, /someone has edited the part '/);
  assert.is((await run(['uninstall', '--force', '--root', tree.root])).exitCode, 0);
  assert.is(await tree.read('etc/ossec.conf'), before);
  await tree.remove();
});

test('keeps a change to ossec.conf that was made during the manager’s check', async () => {
  const tree = await ManagerTree.create('ossec-server');
  const edits = `#!/bin/sh\nfor conf; do :; done\ncase $conf in *.riposte) echo "<!-- edited -->" >> ${tree.path('etc/ossec.conf')}; esac\n`;
  const changedMeanwhile = async (verb: string) => {
    const before = await tree.read('etc/ossec.conf');
    const files = snapshot(tree.root);
    const { exitCode, err } = await run([verb, '--root', tree.root]);
    assert.is(exitCode, EX.TEMPFAIL, err);
    assert.match(
      err,
      /another program changed \S+etc\/ossec\.conf meanwhile: run the command again; nothing was changed/,
    );
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

test('refuses a second install while the first runs, and changes nothing', async () => {
  const tree = await ManagerTree.create('ossec-server');
  await mkdir(join(tree.root, 'run'));
  const check = await tree.read('bin/ossec-logtest');
  const [started, go] = ['started', 'go'].map((name) => join(tree.root, name));
  const waits = `#!/bin/sh\ntouch ${started}\nuntil [ -e ${go} ]; do sleep 0.01; done\n`;
  await tree.write('bin/ossec-logtest', waits, 0o755);
  const first = run(['install', '--root', tree.root]);
  await eventually('the first install runs the check', async () => existsSync(started ?? ''));
  for (const verb of ['install', 'uninstall'])
    await refused(
      tree,
      [verb],
      EX.TEMPFAIL,
      /another riposte install or uninstall \(process \d+\) is running/,
    );
  await writeFile(go ?? '', '');
  assert.is((await first).exitCode, 0);
  await tree.write('bin/ossec-logtest', check, 0o755);
  assert.match((await run(['install', '--root', tree.root])).out, 'nothing to do');
  assert.not.ok(existsSync(join(tree.root, 'run/riposte-install.lock')));
  await tree.remove();
});

test('finishes the install when SIGTERM comes during the check, but changes nothing on Ctrl-C', async () => {
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

inAll('refuses an ossec.conf that is a pipe', async () => {
  const tree = await ManagerTree.create('ossec-agent');
  await rm(tree.path('etc/ossec.conf'));
  await execa('mkfifo', [tree.path('etc/ossec.conf')]);
  for (const verb of ['install', 'uninstall']) {
    const { exitCode, err } = await run([verb, '--root', tree.root]);
    assert.is(exitCode, EX.CONFIG, err);
    assert.match(err, /etc\/ossec\.conf is not a regular file/);
  }
  await tree.remove();
});

test('names and keeps all foreign files in Riposte’s paths', async () => {
  const tree = await ManagerTree.create('ossec-server');
  await tree.write('active-response/bin/route-null.js', '#!/bin/sh\n# my own\n', 0o755);
  await tree.write('rules/riposte_scanners.xml', '<!-- mine -->\n');
  await mkdir(tree.path('etc/riposte_decoders.xml'));
  const words =
    /did not make .*route-null\.js.*riposte_decoders\.xml.*riposte_scanners\.xml; move these files away/;
  await refused(tree, ['install'], EX.CANTCREAT, words);
  await tree.remove();
});

inAll('installs beside a foreign /usr/local/bin/riposte, and leaves the foreign file unchanged', async () => {
  const tree = await ManagerTree.create('ossec-agent');
  const other = join(tree.root, 'usr/local/bin/riposte');
  await mkdir(join(other, '..'), { recursive: true });
  await writeFile(other, 'another\n');
  const { exitCode, out } = await run(['install', '--root', tree.root]);
  assert.equal([exitCode, await readFile(other, 'utf8')], [0, 'another\n']);
  assert.match(out, 'usr/local/bin/riposte is not Riposte');
  await run(['uninstall', '--purge', '--root', tree.root]);
  assert.is(await readFile(other, 'utf8'), 'another\n');
  await tree.remove();
});

inAll('refuses a damaged manifest', async () => {
  const tree = await ManagerTree.create('ossec-agent');
  await run(['install', '--root', tree.root]);
  await appendFile(tree.path('var/riposte/installed.json'), '}');
  await refused(tree, ['install'], EX.IOERR, /installed\.json is damaged; remove it/);
  await refused(tree, ['uninstall'], EX.IOERR, /installed\.json is damaged/);
  await tree.remove();
});

test('changes nothing on a read-only file system', async () => {
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

test('changes nothing when the disk is full at any step, and installs once there is room', async () => {
  const tree = await ManagerTree.create('ossec-server');
  const mounts = await Mounts.create();
  const disk = `${tree.root}-disk`;
  await mkdir(disk);
  const ends: (number | undefined)[] = [];
  const sizes = [120, 160, 200, 280, 360, 1200, 1240, 1272, 1288, 1304, 1320];
  const some = SHARE === 'quick' ? sizes.filter((_, index) => index % 2 === 0) : sizes;
  for (const kilobytes of [...some, 8000]) {
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
  assert.ok(ends.filter((end) => end === EX.IOERR).length >= some.length / 2, ends.join());
  await mounts.remove();
  await Promise.all([tree.remove(), rm(disk, { recursive: true })]);
});

inAll(
  'installs all files, and reports the manager’s own words, when the manager does not restart',
  async () => {
    const tree = await ManagerTree.create('ossec-agent');
    await rename(tree.path('bin/ossec-control'), tree.path('bin/ossec-control.was'));
    await tree.write('bin/ossec-control', '#!/bin/sh\necho "cannot start" >&2\nexit 1\n', 0o755);
    const { exitCode, err } = await run(['install', '--restart', '--root', tree.root]);
    assert.is(exitCode, EX.UNAVAILABLE);
    assert.match(err, /ossec-control restart: cannot start/);
    assert.match((await run(['install', '--root', tree.root])).out, 'nothing to do');
    await tree.remove();
  },
);

test.run();
