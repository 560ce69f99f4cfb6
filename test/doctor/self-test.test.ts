import { readdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { homeAt } from '../../active-response/home.ts';
import { examine } from '../../doctor/examination.ts';
import type { Finding } from '../../doctor/finding.ts';
import { PrivateHost } from '../../doctor/self-test/private-host.ts';
import { selfTest } from '../../doctor/self-test/self-test.ts';
import { directoryOfPrograms } from '../active-response/support.ts';
import type { TreeKind } from '../lab/manager-tree.ts';
import { labSuite } from '../lab/suite.ts';
import { PATH } from '../lab/tools.ts';
import { leftToAll } from '../runner/share.ts';
import { HealthyTree } from './healthy.ts';

const test = labSuite('the self-test of riposte doctor', 'nft', 'ipset', 'iptables');
const inAll = leftToAll(test);

const DROP = 'active-response/bin/firewall-drop.js';
let at: HealthyTree;

const prepare = async (kind: TreeKind) => {
  at = await HealthyTree.create(kind);
};
const tested = (env: NodeJS.ProcessEnv = { PATH }) => selfTest(examine(homeAt(at.tree.home), env));
const messages = (findings: Finding[]) => findings.map(({ state, seen }) => `${state}: ${seen}`);

test.after.each(() => at.remove());

for (const [kind, protocol] of [
  ['ossec-server', 'ossec'],
  ['wazuh4-agent', 'wazuh4'],
  ['wazuh5-agent', 'wazuh5'],
] as const) {
  test(`asks each installed script to block and unblock as ${protocol} does`, async () => {
    await prepare(kind);
    assert.equal(messages(await tested()), [
      `ok: firewall-drop blocked 192.0.2.1 by nftables and unblocked it, by requests in the form of ${protocol}`,
      `ok: route-null blocked 192.0.2.1 by route and unblocked it, by requests in the form of ${protocol}`,
      `ok: apache-deny blocked 192.0.2.1 by map and unblocked it, by requests in the form of ${protocol}`,
      `ok: nginx-deny blocked 192.0.2.1 by geo and unblocked it, by requests in the form of ${protocol}`,
    ]);
  });
}

test('tests a home that is an absolute symbolic link', async () => {
  await prepare('ossec-server');
  const real = `${at.tree.root}/larger`;
  renameSync(at.tree.home, real);
  symlinkSync(real, at.tree.home);
  assert.equal(
    (await tested()).map(({ state }) => state),
    ['ok', 'ok', 'ok', 'ok'],
  );
});

inAll('tests all scripts when PATH is not set', async () => {
  await prepare('ossec-server');
  assert.equal(
    (await tested({})).map(({ state }) => state),
    ['ok', 'ok', 'ok', 'ok'],
  );
});

/** The files of the home with their bytes, and this host's own rules and routes. */
async function everything(): Promise<unknown> {
  const { home } = at.tree;
  const files = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const texts = files.map(({ parentPath, path, name }) => {
    const file = `${parentPath ?? path}/${name}`;
    return [file, readFileSync(file, 'latin1')];
  });
  const ask = async (program: string, ...args: string[]) =>
    (await execa(program, args, { reject: false, env: { PATH } })).stdout;
  const routes = [
    await ask('ip', '-4', 'route', 'show', 'table', 'all', 'proto', '117'),
    await ask('ip', '-6', 'route', 'show', 'proto', '117'),
  ];
  return [
    texts,
    await ask('nft', 'list', 'table', 'inet', 'riposte'),
    routes,
    await ask('ipset', 'list', '-n'),
  ];
}

/** The processes, in any namespace, with a mount on this directory. */
const mounting = (directory: string): string[] =>
  readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/mountinfo`, 'latin1').includes(` ${directory} `);
    } catch {
      return false; // the process has ended
    }
  });

test('leaves no trace in the home and on this host, and no namespace', async () => {
  await prepare('ossec-server');
  await at.write('logs/active-responses.log', 'a line\n', 0o660);
  const before = await everything();
  assert.equal(
    (await tested()).map(({ state }) => state),
    ['ok', 'ok', 'ok', 'ok'],
  );
  assert.equal(await everything(), before);
  assert.equal(mounting(at.tree.home), []);
});

test('makes everything outside the home read-only', async () => {
  await prepare('ossec-agent');
  const host = await PrivateHost.create(at.tree.home, PATH);
  const isWritable = async (path: string) => (await host.run(['test', '-w', path])).status === 0;
  assert.equal(
    [await isWritable('/'), await isWritable('/var/lib'), await isWritable(at.tree.home)],
    [false, false, true],
  );
  await host.remove();
});

test('uses the home’s settings: backend, ports, block time and Apache’s format', async () => {
  await prepare('wazuh4-agent');
  await at.write(
    'etc/riposte.conf',
    'FIREWALL_BACKEND=ipset\nFIREWALL_PORTS=80,443\nBLOCK_FOR=1d\nAPACHE_DENY=apache24\nAPACHE_RELOAD=/bin/false\n',
  );
  assert.equal(
    (await tested()).map(({ seen }) => seen.replace(/ and unblocked.*/, '')),
    [
      'firewall-drop blocked 192.0.2.1 by ipset',
      'route-null blocked 192.0.2.1 by route',
      'apache-deny blocked 192.0.2.1 by apache24',
      'nginx-deny blocked 192.0.2.1 by geo',
    ],
  );
});

test('finds a script that exits with 0 but does nothing', async () => {
  await prepare('ossec-agent');
  await at.write(DROP, '#!/bin/sh\nexit 0\n', 0o550);
  const [first, ...others] = await tested();
  assert.is(first?.state, 'problem');
  assert.match(first?.seen ?? '', /firewall-drop did not block 192\.0\.2\.1: exit status 0/);
  assert.equal(
    others.map(({ state }) => state),
    ['ok', 'ok', 'ok'],
  );
});

test('finds a script that blocks but cannot unblock', async () => {
  await prepare('ossec-agent');
  await at.change(DROP, /^\*\/$/m, "*/\nif (process.argv[2] === 'delete') process.exit(0);", 0o550);
  const [first] = await tested();
  assert.is(first?.state, 'problem');
  assert.match(
    first?.seen ?? '',
    /firewall-drop did not unblock 192\.0\.2\.1: .* add - 192\.0\.2\.1 .* blocked:/,
  );
});

test('repeats the script’s message when riposte.conf is invalid', async () => {
  await prepare('ossec-agent');
  await at.write('etc/riposte.conf', 'FIREWALL_BACKEND=nftable\n');
  const [first] = await tested();
  assert.match(first?.seen ?? '', /did not block 192\.0\.2\.1: .*FIREWALL_BACKEND is 'nftable', but must be/);
});

inAll('finds an allow list that protects the test’s address', async () => {
  await prepare('wazuh4-agent');
  await at.write('etc/riposte.allow', '192.0.2.0/24\n');
  const [first] = await tested();
  assert.is(first?.state, 'problem');
  assert.match(first?.seen ?? '', /192\.0\.2\.1 is never blocked: in the allow list 192\.0\.2\.0\/24/);
});

inAll('names the missing program when PATH lacks it', async () => {
  await prepare('ossec-agent');
  await at.restartExecd('ossec', '/nowhere');
  const [first] = await tested();
  assert.match(first?.seen ?? '', /did not block 192\.0\.2\.1: .*nft/);
});

inAll('does not test firewalld, because it serves the whole host', async () => {
  await prepare('ossec-agent');
  await at.write('etc/riposte.conf', 'FIREWALL_BACKEND=firewalld\n');
  const [first, second] = await tested();
  assert.is(first?.state, 'warning');
  assert.match(first?.seen ?? '', /firewall-drop is not tested: firewalld does not support namespaces/);
  assert.is(second?.state, 'ok');
});

test('warns and tests nothing when namespaces are not allowed', async () => {
  await prepare('ossec-agent');
  const path = directoryOfPrograms({
    unshare: 'echo "unshare: unshare failed: Operation not permitted" >&2; exit 1',
  });
  const findings = await tested({ PATH: path });
  assert.is(findings.length, 1);
  assert.is(findings[0]?.state, 'warning');
  assert.match(findings[0]?.seen ?? '', /not tested: .*unshare failed: Operation not permitted/);
});

test.run();
