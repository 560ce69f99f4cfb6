import { existsSync } from 'node:fs';
import { chmod, readdir, readFile, readlink, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { WAIT_SLOTS } from '../../daemon/wait-slots.ts';
import { withInterpreter } from '../../install/interpreter.ts';
import { runWithArguments, runWithMessage } from '../lab/execd.ts';
import { daemonBesideEach } from '../lab/fixtures.ts';
import type { Host } from '../lab/host.ts';
import type { Installation } from '../lab/installation.ts';
import { ossec, wazuh4 } from '../lab/managers.ts';
import { RunningDaemon } from '../lab/running-daemon.ts';
import { eventually, RunningServer, verb } from '../lab/server.ts';
import { stop } from '../lab/stop.ts';
import { labSuite } from '../lab/suite.ts';
import { leftToAll, SHARE } from '../runner/share.ts';

const test = labSuite('scripts beside riposte respond', 'nft', 'ip', 'setpriv');
const inAll = leftToAll(test);
const RESPONSES = ['firewall-drop', 'route-null', 'apache-deny'];
const ADDRESS = '203.0.113.9';
let host: Host;
let at: Installation;
let daemon: RunningDaemon;

daemonBesideEach(
  test,
  (...made) => ([host, at, daemon] = made),
  () => daemon,
);

/** Makes scripts fail if they need Node. */
async function withoutNode(): Promise<void> {
  for (const response of RESPONSES) {
    const text = await readFile(at.script(response), 'utf8');
    await writeFile(at.script(response), withInterpreter(text, '/bin/false'));
  }
}

const add = (response: string, address = ADDRESS, env = {}) =>
  runWithArguments(at, response, ossec('add', address), { env });
const directory = () => join(at.home, 'var/riposte/respond');
const isHeld = async (address = ADDRESS) => (await host.run('nft list ruleset')).includes(` ${address} `);
/** Waits for a watchdog other than the process `former`. @returns its process ID */
async function watchdog(former?: number): Promise<number> {
  let pid = 0;
  await eventually('there is a watchdog', async () => {
    pid = Number((await host.start(['pgrep', '-P', `${daemon.pid}`, '-x', 'sh'], {})).stdout);
    return pid > 0 && pid !== former;
  });
  return pid;
}
const managerIsAsked = () =>
  eventually('the manager is asked', async () => (await readdir(join(directory(), 'out'))).length > 0);
/** The text of an add, as a client in the first slot writes it. */
const requestOf = (address: string) =>
  ['12', 'firewall-drop', '/x.js', at.home, '', '', '', '0', '', 'add', '-', address]
    .map((field) => `${field}\0`)
    .join('');

async function takeAllSlots(): Promise<void> {
  for (let slot = 0; slot < WAIT_SLOTS; slot++)
    await writeFile(join(directory(), `taken/${slot}`), `${process.pid}\n`);
}

const events = async () => (await at.journal()).map(({ event, address }) => `${event} ${address}`);

for (const response of RESPONSES) {
  test(`${response} blocks and unblocks without Node`, async () => {
    await withoutNode();
    const added = await add(response);
    assert.is(added.status, 0, added.stderr);
    assert.match(added.stdout, `${response}: ${ADDRESS}: blocked: until deleted, offence 1, by `);
    assert.ok(await at.ledger(response, ADDRESS));
    const again = await runWithMessage(at, response, wazuh4('add', '203.0.113.10'));
    assert.equal([again.status, again.questions.length], [0, 1]);
    assert.is((await runWithMessage(at, response, wazuh4('delete', '203.0.113.10'))).status, 0);
    assert.is((await runWithArguments(at, response, ossec('delete', ADDRESS))).status, 0);
    assert.equal(await events(), [
      `blocked ${ADDRESS}`,
      'blocked 203.0.113.10',
      'unblocked 203.0.113.10',
      `unblocked ${ADDRESS}`,
    ]);
    assert.is(await daemon.end(), 4);
  });
}

test('refuses only the wrong addresses when many requests come at once', async () => {
  await withoutNode();
  const given = Array.from({ length: 60 }, (_, index) => {
    if (index % 20 === 3) return '127.0.0.1';
    return index % 10 === 5 ? 'nonsense' : `198.18.0.${index}`;
  });
  const ended = await Promise.all(given.map((address) => add('firewall-drop', address)));
  for (const [index, address] of given.entries()) {
    const { status, stdout, stderr } = ended[index] as (typeof ended)[0];
    const [code, text] =
      address === 'nonsense'
        ? [65, `firewall-drop: '${address}' is not an IP address`]
        : [0, `firewall-drop: ${address}: ${address === '127.0.0.1' ? 'held' : 'blocked'}: `];
    assert.is(status, code, address);
    assert.match(code === 0 ? stdout : stderr, text);
  }
});

test('runs Node when the daemon is stopped, and the daemon does not repeat the work', async () => {
  await stop(daemon.pid);
  assert.is((await add('firewall-drop')).status, 0);
  assert.ok(await isHeld());
  const result = await runWithMessage(at, 'firewall-drop', wazuh4('add', '203.0.113.10'));
  assert.equal([result.status, result.questions.length], [0, 1]);
  process.kill(daemon.pid, 'SIGCONT');
  assert.is((await add('firewall-drop', '203.0.113.11')).status, 0);
  assert.equal(await events(), [`blocked ${ADDRESS}`, 'blocked 203.0.113.10', 'blocked 203.0.113.11']);
});

test('sends waiting clients to Node when the daemon is stopped during its work', async () => {
  const addresses = Array.from({ length: 40 }, (_, index) => `198.18.0.${index + 1}`);
  const waiting = Promise.all(addresses.map((address) => add('apache-deny', address)));
  await eventually('the first request is answered', async () => (await at.journal()).length > 0);
  await stop(daemon.pid);
  for (const { status, stderr } of await waiting) assert.is(status, 0, stderr);
  const denied = await at.read('var/riposte/apache/deny.map');
  for (const address of addresses) assert.match(denied, `${address} deny\n`);
});

inAll('replaces a killed watchdog', async () => {
  const first = await watchdog();
  process.kill(first, 'SIGKILL');
  await watchdog(first);
  const waits = runWithMessage(at, 'firewall-drop', wazuh4('add', ADDRESS), 'nothing');
  await managerIsAsked();
  await stop(daemon.pid);
  assert.is((await waits).status, 0);
  assert.ok(await isHeld());
});

test('runs Node when daemon and watchdog are stopped', async () => {
  const watchdogPid = await watchdog();
  for (const pid of [watchdogPid, daemon.pid]) await stop(pid);
  const { status } = await add('firewall-drop');
  process.kill(watchdogPid, 'SIGCONT');
  assert.is(status, 0);
  assert.ok(await isHeld());
});

inAll('keeps the watchdog out of the terminal’s process group', async () => {
  await watchdog();
  const groups = await host.run(`ps -o pgid= --pid ${daemon.pid} --ppid ${daemon.pid}`);
  assert.is(new Set(groups.split('\n').map((group) => group.trim())).size, 2, groups);
});

inAll('sends a waiting client to Node when the link to the request directory has been removed', async () => {
  const asked = runWithMessage(at, 'firewall-drop', wazuh4('add', ADDRESS), 'nothing');
  await managerIsAsked();
  const wakeupFifo = join(await readlink(directory()), 'bell');
  await rm(directory());
  await writeFile(wakeupFifo, '\n');
  assert.is((await asked).status, 0);
  assert.is((await at.journal())[0]?.asked, undefined, 'by Node');
});

inAll('runs Node when the client has lost its slot', async () => {
  const text = await readFile(at.script('firewall-drop'), 'utf8');
  await writeFile(at.script('firewall-drop'), text.replace('\n{ hand_on', '\nrm "$directory/taken/$slot"$&'));
  assert.is((await add('firewall-drop')).status, 0);
  assert.is(await daemon.end(), 0);
});

test('runs Node when all slots are taken', async () => {
  await takeAllSlots();
  assert.is((await add('firewall-drop')).status, 0);
  assert.is((await runWithMessage(at, 'firewall-drop', wazuh4('add', '203.0.113.10'))).status, 0);
  assert.ok(await isHeld());
  assert.ok(await isHeld('203.0.113.10'));
  assert.is(await daemon.end(), 0);
});

inAll('runs Node when all slots are taken and the daemon is stopped', async () => {
  await takeAllSlots();
  await stop(daemon.pid);
  await writeFile(join(directory(), 'watch'), '\n');
  await eventually(
    'the watchdog sees that the daemon is stopped',
    async () => (await readFile(join(directory(), 'stopped'), 'utf8')) !== '',
  );
  assert.is((await add('firewall-drop')).status, 0);
  process.kill(daemon.pid, 'SIGCONT');
  await eventually(
    'the watchdog sees that the daemon runs again',
    async () => (await readFile(join(directory(), 'stopped'), 'utf8')) === '',
  );
});

/** The number of rounds. In each round, 25 requests come at once. */
const ROUNDS = SHARE === 'quick' ? 4 : 40;

test('finds a slot for each of hundreds of clients, and frees the slot of a killed client', async () => {
  await withoutNode();
  const [program = '', ...words] = at.command('firewall-drop', []);
  const killed = execa(program, words, { stdin: 'pipe', reject: false, buffer: false });
  killed.stdin.write(wazuh4('add', ADDRESS));
  await managerIsAsked();
  killed.kill('SIGKILL');
  killed.stdin.end();
  await killed;
  for (let round = 0; round < ROUNDS; round++) {
    const some = Array.from({ length: 25 }, (_, index) => `198.18.${round}.${index}`);
    const ended = await Promise.all(some.map((address) => add('apache-deny', address)));
    for (const { status, stderr } of ended) assert.is(status, 0, stderr);
  }
});

test('starts again after kill -9', async () => {
  await daemon.end('SIGKILL');
  assert.is((await add('firewall-drop')).status, 0);
  daemon = await RunningDaemon.start(at.home, host);
  await withoutNode();
  assert.is((await add('firewall-drop', '203.0.113.10')).status, 0);
});

inAll('restarts a crashed worker once its directory can be made', async () => {
  const data = join(at.home, 'var/riposte');
  await rm(join(directory(), 'in'), { recursive: true });
  await rename(data, `${data}-away`);
  await writeFile(join(await readlink(join(`${data}-away`, 'respond')), 'bell'), '\n');
  await eventually('the daemon reports the problem', async () =>
    daemon.said.includes('cannot answer scripts: '),
  );
  await rm(data, { recursive: true, force: true });
  await rename(`${data}-away`, data);
  await eventually('the daemon answers again', async () => existsSync(join(directory(), 'pid')));
  await withoutNode();
  assert.is((await add('firewall-drop')).status, 0);
});

inAll('makes fewer slots when the open-file limit is low', async () => {
  await host.run(`prlimit --pid ${daemon.pid} --nofile=300:300`);
  await rm(join(directory(), 'in'), { recursive: true });
  await writeFile(join(directory(), 'bell'), '\n');
  const slots = async () =>
    Number((await readFile(join(directory(), 'pid'), 'utf8').catch(() => '')).split(' ')[2]);
  await eventually('the daemon answers again', async () => (await slots()) < 150);
  await withoutNode();
  assert.is((await add('firewall-drop')).status, 0);
  assert.is((await add('route-null')).status, 0);
});

test('sends a waiting client to Node when the worker crashes', async () => {
  const asked = runWithMessage(at, 'firewall-drop', wazuh4('add', ADDRESS), 'nothing');
  await managerIsAsked();
  await rm(join(directory(), 'in'), { recursive: true });
  await writeFile(join(directory(), 'bell'), '\n');
  const { status, questions } = await asked;
  assert.equal([status, questions.length], [0, 1]);
  assert.match(String((await at.journal())[0]?.reason), 'the manager gave no answer');
  assert.is((await at.journal())[0]?.asked, undefined, 'by Node');
  assert.ok(await isHeld());
});

test('answers the waiting clients before it ends, and leaves no files', async () => {
  const waiting = Promise.all(
    Array.from({ length: 30 }, (_, index) => add('firewall-drop', `198.18.0.${index + 1}`)),
  );
  await eventually('the first request is answered', async () => (await at.journal()).length > 0);
  await daemon.end();
  for (const { status, stderr } of await waiting) assert.is(status, 0, stderr);
  assert.is(new Set(await events()).size, 30);
  assert.is((await events()).length, 30);
  assert.equal(
    (await readdir(join(at.home, 'var/riposte'))).filter((name) => /respond/.test(name)),
    [],
  );
});

test('lets only root into the directory, and answers no client of another account', async () => {
  await chmod(at.home, 0o777);
  const asOtherAccount = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--'];
  const look = await host.start([...asOtherAccount, 'ls', `${directory()}/`], {});
  assert.match(look.stderr, 'Permission denied');
  const words = [...asOtherAccount, at.script('firewall-drop'), ...ossec('add', ADDRESS)];
  const { exitCode } = await host.start(words, { stdin: 'ignore' });
  assert.is(exitCode, 77);
  assert.not(await isHeld());
});

inAll('handles a complete request, and leaves an incomplete request in the directory', async () => {
  await writeFile(join(directory(), 'taken/0'), '1\n');
  await writeFile(join(directory(), 'in/1-1.00'), requestOf(ADDRESS).slice(0, -4));
  await writeFile(join(directory(), 'in/1-2.00'), requestOf('203.0.113.10'));
  await writeFile(join(directory(), 'bell'), '\n');
  await eventually('the complete request is done', () => isHeld('203.0.113.10'));
  assert.equal(await readdir(join(directory(), 'in')), ['1-1.00']);
  assert.not(await isHeld());
});

test('handles the request of a client that has ended, but not the request of a running client in another slot', async () => {
  const ended = Number((await host.start(['sh', '-c', 'echo $$'], {})).stdout);
  await writeFile(join(directory(), `in/${process.pid}-1.00`), requestOf(ADDRESS));
  await writeFile(join(directory(), `in/${ended}-1.00`), requestOf('203.0.113.10'));
  await writeFile(join(directory(), 'bell'), '\n');
  await eventually('the request of the ended client is done', () => isHeld('203.0.113.10'));
  assert.equal(await readdir(join(directory(), 'in')), [`${process.pid}-1.00`]);
  assert.not(await isHeld());
});

test('never blocks the SSH peer of the operator who runs a script', async () => {
  await withoutNode();
  const { stdout } = await add('firewall-drop', ADDRESS, { SSH_CONNECTION: `${ADDRESS} 5 192.0.2.1 22` });
  assert.match(stdout, 'held');
  assert.not(await isHeld());
});

inAll('reads a message that is far longer than the pipe’s buffer', async () => {
  await withoutNode();
  const message = wazuh4('add', ADDRESS).replace(
    '"full_log":"',
    `"full_log":"${"\\\\ '$(id)` ".repeat(4000)}`,
  );
  assert.is((await runWithMessage(at, 'firewall-drop', message)).status, 0);
  assert.ok(await isHeld());
});

test('ends a hanging nft at its timeout, and starts another nft for the next request', async () => {
  await withoutNode();
  assert.is((await add('firewall-drop')).status, 0);
  await at.write('etc/riposte.conf', 'COMMAND_TIMEOUT=5s\n'); // longer than ip takes on a busy machine
  const { stdout } = await host.start(['sh', '-c', `pgrep -P ${daemon.pid} -x nft`], {});
  await stop(Number(stdout));
  const { status, stderr } = await add('firewall-drop', '203.0.113.10');
  assert.is(status, 75);
  assert.match(stderr, 'nft took longer than 5 s (COMMAND_TIMEOUT) and was ended');
  await at.write('etc/riposte.conf', '');
  assert.is((await add('firewall-drop', '203.0.113.10')).status, 0);
  assert.ok(await isHeld('203.0.113.10'));
  assert.is((await at.ledger('firewall-drop', '203.0.113.10'))?.offence, 1);
});

inAll('riposte serve answers clients, too', async () => {
  await daemon.end();
  await writeFile(join(at.home, 'access.log'), '');
  const server = await RunningServer.start(at, [join(at.home, 'access.log')]);
  await withoutNode();
  assert.is((await add('firewall-drop')).status, 0);
  assert.ok(await isHeld());
  assert.is(await server.end(), 0);
});

test('refuses a second daemon for the same home', async () => {
  const { exitCode, stderr } = await verb(at, ['respond']);
  assert.equal(
    [exitCode, stderr],
    [75, `riposte: another process already answers the scripts of ${at.home}`],
  );
});

test('leaves --list and --dry-run to Node', async () => {
  assert.is((await add('firewall-drop')).status, 0);
  const { stdout } = await runWithArguments(at, 'firewall-drop', ['--list']);
  assert.match(stdout, ADDRESS);
  const dry = await runWithArguments(at, 'firewall-drop', ['--dry-run', ...ossec('add', '203.0.113.10')]);
  assert.match(dry.stdout, 'would run: nft -f -');
  assert.not(await isHeld('203.0.113.10'));
});

test.run();
