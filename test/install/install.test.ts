import { existsSync } from 'node:fs';
import {
  appendFile,
  chmod,
  lstat,
  mkdir,
  readFile,
  readlink,
  rename,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as assert from 'uvu/assert';
import { RESPONSES } from '../../active-response/response/responses.ts';
import { interpreterIn } from '../../install/interpreter.ts';
import { OSSEC_SERVER } from '../lab/manager-conf.ts';
import { GROUP, ManagerTree, type TreeKind } from '../lab/manager-tree.ts';
import { labSuite } from '../lab/suite.ts';
import { differences, snapshot } from '../lab/tree-snapshot.ts';
import { leftToAll, someOf } from '../runner/share.ts';
import { run } from './run.ts';

const test = labSuite('install');
const inAll = leftToAll(test);

const RULES = [
  'active_response',
  'alerts',
  'error_logs',
  'failed_logins',
  'modsecurity',
  'open_proxy',
  'pingback',
  'scanners',
  'web_attacks',
  'web_bursts',
];

/** The files that an install adds to each kind of manager, below its home; `~` marks a changed file. */
const EVERYWHERE = [
  ...[...RESPONSES.map(({ name }) => name), 'email-alert'].map((name) => `active-response/bin/${name}.js`),
  'bin/riposte',
  'etc/riposte.allow',
  'etc/riposte.conf',
  'etc/riposte.mail',
  'logs/active-responses.log',
  'var/riposte',
  'var/riposte/installed.json',
];
const CONF = ['etc/ossec.conf.before-riposte', '~etc/ossec.conf'];
const rulesIn = (directory: string) => RULES.map((name) => `${directory}/riposte_${name}.xml`);
const ON_OSSEC = [...EVERYWHERE, ...CONF, 'etc/riposte_decoders.xml', ...rulesIn('rules')];
const ADDED: Record<Exclude<TreeKind, 'wazuh5-server'>, string[]> = {
  'ossec-server': ON_OSSEC,
  'ossec-local': ON_OSSEC,
  'ossec-agent': [...EVERYWHERE, ...CONF],
  'wazuh4-server': [
    ...EVERYWHERE,
    ...CONF,
    'etc/decoders/0000-riposte_decoders.xml',
    ...rulesIn('etc/rules'),
    'integrations',
    'integrations/custom-riposte-email',
  ],
  'wazuh4-agent': EVERYWHERE,
  'wazuh5-agent': EVERYWHERE,
};
const OUTSIDE = [
  '+ etc',
  '+ etc/cron.d',
  '+ etc/cron.d/riposte',
  '+ etc/logrotate.d',
  '+ etc/logrotate.d/riposte',
  '+ usr',
  '+ usr/local',
  '+ usr/local/bin',
  '+ usr/local/bin/riposte',
  '+ usr/local/share',
  '+ usr/local/share/bash-completion',
  '+ usr/local/share/bash-completion/completions',
  '+ usr/local/share/bash-completion/completions/riposte',
  '+ usr/local/share/doc',
  '+ usr/local/share/doc/riposte',
  '+ usr/local/share/doc/riposte/THIRD-PARTY-NOTICES.txt',
  '+ usr/local/share/man',
  '+ usr/local/share/man/man8',
  '+ usr/local/share/man/man8/riposte.8',
  '+ usr/local/share/zsh',
  '+ usr/local/share/zsh/site-functions',
  '+ usr/local/share/zsh/site-functions/_riposte',
];

/** `npm test` tries a server of each manager, and the agent that reads no ossec.conf. */
const QUICK: readonly string[] = ['ossec-server', 'wazuh4-server', 'wazuh5-agent'];

for (const kind of Object.keys(ADDED) as (keyof typeof ADDED)[]) {
  const register = QUICK.includes(kind) ? test : inAll;
  register(
    `${kind}: adds exactly its files, changes nothing the second time, and leaves nothing after a purge`,
    async () => {
      const tree = await ManagerTree.create(kind);
      const before = snapshot(tree.root, true);
      const first = await run(['install', '--root', tree.root]);
      assert.is(first.exitCode, 0, first.err);
      const installed = snapshot(tree.root, true);
      const expected = ADDED[kind].map((path) =>
        path.startsWith('~') ? `~ var/ossec/${path.slice(1)}` : `+ var/ossec/${path}`,
      );
      assert.equal(differences(before, installed), [...expected, ...OUTSIDE].sort(byPath));
      const second = await run(['install', '--root', tree.root]);
      assert.match(second.out, 'nothing to do');
      assert.equal(differences(installed, snapshot(tree.root, true)), []);
      assert.is((await run(['uninstall', '--purge', '--root', tree.root])).exitCode, 0);
      assert.equal(differences(snapshot(tree.root), withoutTimes(before)), []);
      await tree.remove();
    },
  );
}

test('lets only root read the credentials, and lets the manager run the integration', async () => {
  const tree = await ManagerTree.create('wazuh4-server');
  await run(['install', '--root', tree.root]);
  const { uid, mode } = await lstat(tree.path('etc/riposte.mail'));
  assert.equal([uid, mode & 0o7777], [0, 0o600]);
  const integration = await lstat(tree.path('integrations/custom-riposte-email'));
  assert.equal([integration.uid, integration.gid, integration.mode & 0o7777], [0, GROUP, 0o750]);
  await tree.remove();
});

test('installs scripts with the mode and group that the manager’s installer uses, and with the path of their interpreter', async () => {
  for (const [kind, mode] of [
    ['ossec-agent', 0o550],
    ['wazuh4-agent', 0o750],
  ] as const) {
    const tree = await ManagerTree.create(kind);
    await run(['install', '--root', tree.root]);
    for (const path of ['active-response/bin/route-null.js', 'bin/riposte']) {
      const stats = await lstat(tree.path(path));
      assert.equal([stats.uid, stats.gid, stats.mode & 0o7777], [0, GROUP, mode]);
      assert.match(interpreterIn(await tree.read(path)) ?? '', /^\/.*node$/);
    }
    const help = await run(['--version'], { program: tree.path('bin/riposte') });
    assert.match(help.out, /^riposte .*Node \d+\.\d+\.\d+\)$/);
    assert.is(await readlink(join(tree.root, 'usr/local/bin/riposte')), '/var/ossec/bin/riposte');
    await tree.remove();
  }
});

inAll('refuses --respond on a host without systemd, and on a host without a manager', async () => {
  const tree = await ManagerTree.create('ossec-agent');
  const before = snapshot(tree.root);
  const { exitCode, err } = await run(['install', '--respond', '--root', tree.root]);
  assert.is(exitCode, 64);
  assert.match(
    err,
    '--respond needs systemd on this host: without it, start riposte respond --home /var/ossec',
  );
  const alone = await run(['install', '--standalone', '--respond', '--root', tree.root]);
  assert.match(alone.err, '--respond has no effect without a manager');
  assert.equal(differences(before, snapshot(tree.root)), []);
  await tree.remove();
});

inAll('names the entries of white_list that are not addresses', async () => {
  const conf = OSSEC_SERVER.replace(
    '<white_list>::1<',
    '<white_list>^www.example.org$</white_list><white_list>10.<',
  );
  const tree = await ManagerTree.create('ossec-server', conf);
  const { out } = await run(['install', '--root', tree.root]);
  assert.match(
    out,
    'white_list names www.example.org: each sweep looks up the addresses, and Riposte never blocks them\n',
  );
  assert.match(out, 'white_list has 10., which is neither an address nor a name: put the addresses');
  assert.not.match(out, 'localhost');
  await tree.remove();
});

test('a second install leaves the administrator’s files unchanged', async () => {
  const tree = await ManagerTree.create('ossec-agent');
  await run(['install', '--root', tree.root]);
  await appendFile(tree.path('etc/riposte.conf'), 'BLOCK_FOR=1d\n');
  await writeFile(tree.path('etc/riposte.allow'), '203.0.113.1\n');
  await appendFile(tree.path('active-response/bin/route-null.js'), '// damaged\n');
  assert.is((await run(['install', '--root', tree.root])).exitCode, 0);
  assert.match(await tree.read('etc/riposte.conf'), /BLOCK_FOR=1d\n$/);
  assert.is(await tree.read('etc/riposte.allow'), '203.0.113.1\n');
  assert.not.match(await tree.read('active-response/bin/route-null.js'), '// damaged');
  await tree.remove();
});

inAll('creates no riposte.conf that would override /etc/riposte.conf', async () => {
  const tree = await ManagerTree.create('ossec-agent');
  await mkdir(join(tree.root, 'etc'));
  await writeFile(join(tree.root, 'etc/riposte.conf'), 'ALLOW_PRIVATE=yes\n');
  await run(['install', '--root', tree.root]);
  assert.not.ok(snapshot(tree.root).has('var/ossec/etc/riposte.conf'));
  await tree.remove();
});

inAll('replaces an older version, even if it was copied by hand', async () => {
  const tree = await ManagerTree.create('ossec-server');
  const old = '#!/usr/bin/env node\n// Riposte: an active response of an older version\n';
  await tree.write('active-response/bin/route-null.js', old, 0o755);
  await run(['install', '--root', tree.root]);
  const installed = snapshot(tree.root);
  const manifest = tree.path('var/riposte/installed.json');
  await makeOlder('rules/riposte_scanners.xml', 'rules/riposte_gone.xml');
  const { exitCode, out } = await run(['install', '--root', tree.root]);
  assert.is(exitCode, 0);
  assert.match(out, 'replaced /var/ossec/rules/riposte_scanners.xml');
  assert.match(out, 'removed /var/ossec/rules/riposte_gone.xml');
  assert.equal(differences(installed, snapshot(tree.root)), []);
  await tree.remove();

  /** Makes the installation look like an older version, with another text in `changed`, and with the file `more`. */
  async function makeOlder(changed: string, more: string): Promise<void> {
    const text = '<!-- an older version -->\n';
    await tree.write(changed, text);
    await tree.write(more, text);
    const json = JSON.parse(await readFile(manifest, 'utf8'));
    const { createHash } = await import('node:crypto');
    const hash = createHash('sha256').update(text).digest('hex');
    for (const path of [changed, more]) json.files[`/var/ossec/${path}`] = [hash];
    await writeFile(manifest, JSON.stringify(json));
  }
});

inAll('keeps a link at ossec.conf, and its owner, group and mode', async () => {
  const tree = await ManagerTree.create('ossec-agent');
  const [conf, real] = [tree.path('etc/ossec.conf'), tree.path('etc/real.conf')];
  await rename(conf, real);
  await chmod(real, 0o600);
  await symlink('real.conf', conf);
  await run(['install', '--root', tree.root]);
  assert.is(await readlink(conf), 'real.conf');
  assert.is((await lstat(real)).mode & 0o7777, 0o600);
  assert.match(await readFile(real, 'utf8'), 'riposte:begin');
  await tree.remove();
});

for (const kind of someOf(['ossec-server', 'ossec-local'] as const))
  test(`${kind}: leaves out an error log, and reports that the server’s rules cannot read the log’s name`, async () => {
    const tree = await ManagerTree.create(kind);
    await mkdir(join(tree.root, 'var/log/httpd'), { recursive: true });
    for (const log of ['access_log', 'error_log']) await writeFile(join(tree.root, 'var/log/httpd', log), '');
    const { out } = await run(['install', '--root', tree.root]);
    assert.match(out, /left out \/var\/log\/httpd\/error_log: an OSSEC server cannot tell an error log/);
    const conf = await tree.read('etc/ossec.conf');
    assert.match(conf, '<location>/var/log/httpd/access_log</location>');
    assert.not.match(conf, 'httpd/error_log');
    await tree.remove();
  });

inAll(
  'names error logs before access logs: rules 117016 and 117017 wait for a request after the error',
  async () => {
    const tree = await ManagerTree.create('ossec-agent');
    const logs = ['access_log', 'error_log', 'ssl_access_log', 'ssl_error_log'];
    await mkdir(join(tree.root, 'var/log/httpd'), { recursive: true });
    for (const log of logs) await writeFile(join(tree.root, 'var/log/httpd', log), '');
    await run(['install', '--root', tree.root]);
    const conf = await tree.read('etc/ossec.conf');
    assert.equal(
      [...conf.matchAll(/<location>\/var\/log\/httpd\/(.*)<\/location>/g)].map(([, log]) => log),
      ['error_log', 'ssl_error_log', 'access_log', 'ssl_access_log'],
    );
    await tree.remove();
  },
);

inAll('always adds the web server’s logs, but the rules for a proxy only on request', async () => {
  const tree = await ManagerTree.create('ossec-server');
  await mkdir(join(tree.root, 'var/log/nginx'), { recursive: true });
  await writeFile(join(tree.root, 'var/log/nginx/access.log'), '');
  await run(['install', '--root', tree.root]);
  assert.match(await tree.read('etc/ossec.conf'), '<location>/var/log/nginx/access.log</location>');
  assert.not.ok(behindProxy().length);
  await run(['install', '--behind-proxy', '--root', tree.root]);
  const rules = ['riposte_behind_proxy.xml', 'riposte_behind_proxy_decoders.xml'];
  assert.equal(behindProxy(), rules);
  // The choice must be remembered: otherwise an update without the flag would block the proxy.
  const { out } = await run(['install', '--root', tree.root]);
  assert.match(out, /^found .*\n--behind-proxy, as before \(--no-behind-proxy revokes it\)\nnothing to do/);
  assert.equal(behindProxy(), rules);
  await run(['install', '--no-behind-proxy', '--root', tree.root]);
  assert.not.ok(behindProxy().length);
  await run(['install', '--root', tree.root]);
  assert.not.ok(behindProxy().length);
  await tree.remove();

  function behindProxy(): string[] {
    const paths = [...snapshot(tree.root).keys()].filter((path) => path.includes('behind_proxy'));
    return paths.map((path) => basename(path)).sort();
  }
});

for (const [kind, directory] of someOf([
  ['ossec-server', 'rules'],
  ['wazuh4-server', 'etc/rules'],
] as const))
  test(`${kind}: adds the rules for all 4xx only on request`, async () => {
    const tree = await ManagerTree.create(kind);
    const file = `${directory}/riposte_web_bursts_any.xml`;
    const before = snapshot(tree.root);
    for (const [flags, isThere] of [
      [[], false],
      [['--all-4xx'], true],
      [[], true],
      [['--no-all-4xx'], false],
      [[], false],
    ] as const) {
      assert.is((await run(['install', ...flags, '--root', tree.root])).exitCode, 0);
      assert.is(existsSync(tree.path(file)), isThere, `${flags}`);
      const isNamed = (await tree.read('etc/ossec.conf')).includes('riposte_web_bursts_any.xml');
      assert.is(isNamed, isThere && kind === 'ossec-server', 'Wazuh reads all of etc/rules');
    }
    await run(['uninstall', '--purge', '--root', tree.root]);
    assert.equal(differences(before, snapshot(tree.root)), []);
    await tree.remove();
  });

inAll('answers stock rule 31151 only on request, until the administrator revokes the request', async () => {
  const tree = await ManagerTree.create('ossec-server');
  for (const [flags, commands] of [
    [[], []],
    [['--answer-31151'], ['route-null']],
    [[], ['route-null']],
    [['--behind-proxy'], ['route-null', 'apache-deny']],
    [['--no-answer-31151'], []],
    [[], []],
  ] as const) {
    assert.is((await run(['install', ...flags, '--root', tree.root])).exitCode, 0);
    const answers = (await tree.read('etc/ossec.conf')).matchAll(
      /<command>([\w-]+)<\/command>\s*<location>local<\/location>\s*<rules_id>31151</g,
    );
    assert.equal(
      [...answers].map(([, command]) => command),
      commands,
      `${flags}`,
    );
  }
  await tree.remove();
});

test('shows a diff and every file, and changes nothing, in a dry run', async () => {
  const tree = await ManagerTree.create('ossec-server');
  const before = snapshot(tree.root, true);
  const { exitCode, out } = await run(['install', '--dry-run', '--restart', '--root', tree.root]);
  assert.is(exitCode, 0);
  for (const words of [
    'would make /var/ossec/active-response/bin/route-null.js (0:1 0550, ',
    'would link /usr/local/bin/riposte -> /var/ossec/bin/riposte',
    '/bin/ossec-analysisd -t -D ',
    '\n@@ ',
    '\n+    <include>riposte_scanners.xml</include>',
    'would run: /var/ossec/bin/ossec-control restart',
  ])
    assert.ok(out.includes(words), words);
  assert.equal(differences(before, snapshot(tree.root, true)), []);
  assert.not.ok((await tree.read('checks.log').catch(() => '')).length);
  await tree.remove();
});

inAll('restarts the manager only on request, and prints the command otherwise', async () => {
  const tree = await ManagerTree.create('wazuh4-server');
  await tree.write('bin/wazuh-control', '#!/bin/sh\nVERSION="v4.14.7"\necho "$1" > "$0.was"\n', 0o755);
  const told = await run(['install', '--root', tree.root]);
  assert.match(told.out, 'to make the manager read the changes: /var/ossec/bin/wazuh-control restart');
  assert.not.ok(snapshot(tree.root).has('var/ossec/bin/wazuh-control.was'));
  await run(['install', '--restart', '--root', tree.root]);
  assert.is(await tree.read('bin/wazuh-control.was'), 'restart\n');
  await tree.remove();
});

test.run();

const byPath = (a: string, b: string) => (a.slice(2) < b.slice(2) ? -1 : 1);

function withoutTimes(before: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...before].map(([path, text]) => [path, text.replace(/ \d{16,}$/, '')]));
}
