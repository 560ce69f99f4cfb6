import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import * as assert from 'uvu/assert';
import { morfeus } from '../lab/access-log.ts';
import { runWithArguments, runWithMessage } from '../lab/execd.ts';
import { eachOnItsOwnHost } from '../lab/fixtures.ts';
import type { Host } from '../lab/host.ts';
import type { Installation } from '../lab/installation.ts';
import { ossec, wazuh4 } from '../lab/managers.ts';
import { ADDRESS } from '../lab/network.ts';
import { RunningDaemon } from '../lab/running-daemon.ts';
import { labSuite } from '../lab/suite.ts';
import { PATH } from '../lab/tools.ts';

const test = labSuite('debugging', 'nft');
let host: Host;
let at: Installation;

eachOnItsOwnHost(test, (...made) => ([host, at] = made));

const DEBUG = { RIPOSTE_DEBUG: '1' };
const STACK_LINE = /^riposte debug: \d+ ms: error: {4,}at .*\.js:\d+:\d+/m;

/** Runs the built `riposte` on the host. */
async function riposte(args: readonly string[], env: Record<string, string> = {}) {
  const words = ['env', ...Object.entries(env).map(([name, value]) => `${name}=${value}`), process.execPath];
  const { exitCode, stdout, stderr } = await host.start([...words, resolve('dist/riposte.js'), ...args], {
    stdin: 'ignore',
  });
  return { exitCode, stdout: String(stdout), stderr: String(stderr) };
}

/** An environment in which each call of Date.now() throws an error that is not Riposte's. */
async function withDefect(): Promise<{ NODE_OPTIONS: string }> {
  const preload = join(at.home, 'defect.cjs');
  await writeFile(
    preload,
    `process.nextTick(() => { Date.now = () => { throw new TypeError('simulated'); }; });
     Date.now = () => { throw new TypeError('simulated'); };`,
  );
  return { NODE_OPTIONS: `--require=${preload}` };
}

test('prints each step of a request to standard error when RIPOSTE_DEBUG is set', async () => {
  const { status, stdout, stderr } = await runWithArguments(
    at,
    'firewall-drop',
    ossec('add', ADDRESS.attacker),
    { env: DEBUG },
  );
  assert.is(status, 0);
  assert.match(stdout, /^firewall-drop: \S+: blocked: [^\n]*$/);
  for (const step of [
    /settings: .*riposte\.conf: is not there/,
    /request: .*source: 'ossec', command: 'add'/,
    /ledger: .*current: undefined/,
    new RegExp(`guard: ${ADDRESS.attacker} may be blocked`),
    /block: .*backend: 'nftables'/,
    /command: .*nft.*status: 0/,
    /outcome: .*word: 'blocked'/,
  ])
    assert.match(stderr, step);
});

test('writes nothing to standard error when RIPOSTE_DEBUG is not set', async () => {
  const { status, stderr } = await runWithArguments(at, 'firewall-drop', ossec('add', ADDRESS.attacker));
  assert.equal([status, stderr], [0, '']);
});

test('prints only the question to standard output when RIPOSTE_DEBUG is set', async () => {
  const message = wazuh4('add', ADDRESS.attacker);
  const { status, questions, stderr } = await runWithMessage(at, 'firewall-drop', message, 'continue', {
    env: DEBUG,
  });
  assert.equal([status, questions.length], [0, 1]);
  assert.match(questions[0] ?? '', '"check_keys"');
  assert.match(stderr, /request: .*source: 'wazuh4'/);
});

test('runs Node beside riposte respond when RIPOSTE_DEBUG is set', async () => {
  const daemon = await RunningDaemon.start(at.home, host);
  const add = ossec('add', ADDRESS.attacker);
  await runWithArguments(at, 'firewall-drop', add);
  const { stderr } = await runWithArguments(at, 'firewall-drop', add, { env: DEBUG });
  const [byDaemon, byScript] = await at.journal();
  assert.type(byDaemon?.asked, 'string');
  assert.is(byScript?.asked, undefined);
  assert.match(stderr, 'outcome:');
  await daemon.end();
});

test("prints the guard's reason when an address is never blocked", async () => {
  await at.write('etc/riposte.allow', `${ADDRESS.attacker}\n`);
  const { stderr } = await runWithArguments(at, 'firewall-drop', ossec('add', ADDRESS.attacker), {
    env: DEBUG,
  });
  assert.match(stderr, /guard: in the allow list/);
});

test('escapes control characters of a request', async () => {
  const args = ['add', '-', ADDRESS.attacker, '1795166136.16', '31151', '/var/log/\u001b[2J', '-'];
  const { stderr } = await runWithArguments(at, 'firewall-drop', args, { env: DEBUG });
  assert.match(stderr, /location: '\/var\/log\//);
  assert.not(stderr.includes('\u001b'));
});

test('prints the stack of a wrong request only when RIPOSTE_DEBUG is set', async () => {
  const wrong = ossec('add', '203.0.113.900');
  const quiet = await runWithArguments(at, 'firewall-drop', wrong);
  assert.is(quiet.stderr, "firewall-drop: '203.0.113.900' is not an IP address");
  const told = await runWithArguments(at, 'firewall-drop', wrong, { env: DEBUG });
  assert.match(told.stderr, /error: RiposteError: '203\.0\.113\.900' is not an IP address/);
  assert.match(told.stderr, STACK_LINE);
  assert.is(told.status, quiet.status);
});

test('prints the system error that caused an error of Riposte', async () => {
  await mkdir(join(at.home, 'etc/riposte.conf'), { recursive: true });
  const { status, stderr } = await runWithArguments(at, 'route-null', ossec('add', ADDRESS.attacker), {
    env: DEBUG,
  });
  assert.is(status, 74);
  assert.match(stderr, /\[cause\]: Error: EISDIR/);
});

for (const name of ['firewall-drop', 'email-alert'])
  test(`${name} prints a defect in one line, and its stack when RIPOSTE_DEBUG is set`, async () => {
    const defect = await withDefect();
    await at.write('etc/riposte.conf', 'MAIL_TO=root@example.org\n');
    const args = ossec('add', ADDRESS.attacker);
    const quiet = await runWithArguments(at, name, args, { env: defect });
    const hint = `${name}: a defect in Riposte: simulated (RIPOSTE_DEBUG=1 shows where)`;
    assert.equal([quiet.status, quiet.stderr], [70, hint]);
    const told = await runWithArguments(at, name, args, { env: { ...defect, ...DEBUG } });
    assert.match(told.stderr, /\[cause\]: TypeError: simulated/);
    assert.match(told.stderr, /defect\.cjs:\d+:\d+/);
    assert.is(told.status, 70);
  });

test('riposte prints a defect in one line, and its stack with --debug', async () => {
  const defect = await withDefect();
  const args = ['block', ADDRESS.attacker, '--home', at.home];
  const quiet = await riposte(args, defect);
  assert.equal(
    [quiet.exitCode, quiet.stderr],
    [
      70,
      `firewall-drop: ${ADDRESS.attacker}: failed: a defect in Riposte: simulated (RIPOSTE_DEBUG=1 shows where)`,
    ],
  );
  for (const told of [
    await riposte([...args, '--debug'], defect),
    await riposte(args, { ...defect, ...DEBUG }),
  ]) {
    assert.match(told.stderr, /TypeError: simulated/);
    assert.match(told.stderr, STACK_LINE);
    assert.is(told.exitCode, 70);
  }
});

test('prints the format of a scanned log, and the positions where the scan begins and ends', async () => {
  const log = join(at.home, 'access.log');
  await writeFile(log, morfeus(ADDRESS.attacker));
  const { exitCode, stdout, stderr } = await riposte([
    'scan',
    '--debug',
    '--simulate',
    '--home',
    at.home,
    log,
  ]);
  assert.is(exitCode, 0);
  assert.match(stdout, 'would be blocked');
  assert.match(stderr, new RegExp(`log: .*location: '${log}'.*combined`));
  assert.match(stderr, /position: .*last: undefined/);
  assert.match(stderr, /position: .*lines: 1, alerts: 1/);
});

test('prints each change of an installation', async () => {
  const root = join(at.home, 'other-host');
  await mkdir(join(root, 'var/log'), { recursive: true });
  const { exitCode, stderr } = await riposte(['install', '--debug', '--standalone', '--root', root], {
    PATH,
  });
  assert.is(exitCode, 0);
  assert.match(stderr, `change: write ${root}/var/lib/riposte/active-response/bin/firewall-drop.js`);
  assert.match(stderr, `change: link ${root}/usr/local/bin/riposte`);
});

test.run();
