import { readdirSync, readFileSync } from 'node:fs';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { homeAt } from '../../../active-response/home.ts';
import { examine } from '../../../cli/doctor/examination.ts';
import type { Finding } from '../../../cli/doctor/finding.ts';
import { PrivateHost } from '../../../cli/doctor/self-test/private-host.ts';
import { selfTest } from '../../../cli/doctor/self-test/self-test.ts';
import { directoryOfPrograms } from '../../active-response/support.ts';
import type { TreeKind } from '../../lab/manager-tree.ts';
import { labSuite } from '../../lab/suite.ts';
import { PATH } from '../../lab/tools.ts';
import { HealthyTree } from './healthy.ts';

const test = labSuite('the self-test of riposte doctor', 'nft', 'ipset', 'iptables');

const DROP = 'active-response/bin/firewall-drop.js';
let at: HealthyTree;

const prepare = async (kind: TreeKind) => {
  at = await HealthyTree.create(kind);
};
const tested = (env: NodeJS.ProcessEnv = { PATH }) => selfTest(examine(homeAt(at.tree.home), env));
const told = (findings: Finding[]) => findings.map(({ state, seen }) => `${state}: ${seen}`);

test.after.each(() => at.remove());

for (const [kind, protocol] of [
  ['ossec-server', 'ossec'],
  ['wazuh4-agent', 'wazuh4'],
  ['wazuh5-agent', 'wazuh5'],
] as const) {
  test(`each installed script blocks and unblocks as ${protocol} asks`, async () => {
    await prepare(kind);
    assert.equal(told(await tested()), [
      `ok: firewall-drop blocked 192.0.2.1 by nftables and let it go, asked as ${protocol} does`,
      `ok: route-null blocked 192.0.2.1 by route and let it go, asked as ${protocol} does`,
      `ok: apache-deny blocked 192.0.2.1 by map and let it go, asked as ${protocol} does`,
    ]);
  });
}

test('a PATH that is not set, as in a unit or a bare environment, keeps nothing from being tested', async () => {
  await prepare('ossec-server');
  assert.equal(
    (await tested({})).map(({ state }) => state),
    ['ok', 'ok', 'ok'],
  );
});

/** The files of the home with their bytes, and this machine's own rules and routes. */
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

/** The processes, here or in a namespace, that have something mounted on this directory. */
const mounting = (directory: string): string[] =>
  readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/mountinfo`, 'latin1').includes(` ${directory} `);
    } catch {
      return false; // it has ended
    }
  });

test('neither the home nor this host keeps a trace of it, and no namespace stays', async () => {
  await prepare('ossec-server');
  await at.write('logs/active-responses.log', 'a line\n', 0o660);
  const before = await everything();
  assert.equal(
    (await tested()).map(({ state }) => state),
    ['ok', 'ok', 'ok'],
  );
  assert.equal(await everything(), before);
  assert.equal(mounting(at.tree.home), []);
});

test('outside the home nothing can be written at all', async () => {
  await prepare('ossec-agent');
  const host = await PrivateHost.create(at.tree.home, PATH);
  const isWritable = async (path: string) => (await host.run(['test', '-w', path])).status === 0;
  assert.equal(
    [await isWritable('/'), await isWritable('/var/lib'), await isWritable(at.tree.home)],
    [false, false, true],
  );
  await host.remove();
});

test('the settings of the home are in force: a backend, ports, a time of our own, Apache’s other language', async () => {
  await prepare('wazuh4-agent');
  await at.write(
    'etc/riposte.conf',
    'FIREWALL_BACKEND=ipset\nFIREWALL_PORTS=80,443\nBLOCK_FOR=1d\nAPACHE_DENY=apache24\nAPACHE_RELOAD=/bin/false\n',
  );
  assert.equal(
    (await tested()).map(({ seen }) => seen.replace(/ and let.*/, '')),
    [
      'firewall-drop blocked 192.0.2.1 by ipset',
      'route-null blocked 192.0.2.1 by route',
      'apache-deny blocked 192.0.2.1 by apache24',
    ],
  );
});

test('a script that does nothing is found out, whatever its exit status', async () => {
  await prepare('ossec-agent');
  await at.write(DROP, '#!/bin/sh\nexit 0\n', 0o550);
  const [first, ...others] = await tested();
  assert.is(first?.state, 'problem');
  assert.match(first?.seen ?? '', /firewall-drop did not block 192\.0\.2\.1: exit status 0/);
  assert.equal(
    others.map(({ state }) => state),
    ['ok', 'ok'],
  );
});

test('a script that blocks but cannot unblock is found out', async () => {
  await prepare('ossec-agent');
  await at.change(DROP, /^\*\/$/m, "*/\nif (process.argv[2] === 'delete') process.exit(0);", 0o550);
  const [first] = await tested();
  assert.is(first?.state, 'problem');
  assert.match(
    first?.seen ?? '',
    /firewall-drop did not unblock 192\.0\.2\.1: .* add - 192\.0\.2\.1 .* blocked:/,
  );
});

test('a wrong riposte.conf: says what the script says', async () => {
  await prepare('ossec-agent');
  await at.write('etc/riposte.conf', 'FIREWALL_BACKEND=nftable\n');
  const [first] = await tested();
  assert.match(first?.seen ?? '', /did not block 192\.0\.2\.1: .*FIREWALL_BACKEND is 'nftable', but must be/);
});

test('an allow list that holds everybody', async () => {
  await prepare('wazuh4-agent');
  await at.write('etc/riposte.allow', '192.0.2.0/24\n');
  const [first] = await tested();
  assert.is(first?.state, 'problem');
  assert.match(first?.seen ?? '', /192\.0\.2\.1 is never blocked: in the allow list 192\.0\.2\.0\/24/);
});

test('a PATH without the programs: says which', async () => {
  await prepare('ossec-agent');
  await at.restartExecd('ossec', '/nowhere');
  const [first] = await tested();
  assert.match(first?.seen ?? '', /did not block 192\.0\.2\.1: .*nft/);
});

test('firewalld is this host’s own, and is left alone', async () => {
  await prepare('ossec-agent');
  await at.write('etc/riposte.conf', 'FIREWALL_BACKEND=firewalld\n');
  const [first, second] = await tested();
  assert.is(first?.state, 'warning');
  assert.match(first?.seen ?? '', /firewall-drop is not tested: firewalld knows no namespaces/);
  assert.is(second?.state, 'ok');
});

test('where namespaces are not allowed, nothing is tested, and that is no pass', async () => {
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
