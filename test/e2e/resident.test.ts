import { existsSync } from 'node:fs';
import { chmod, readdir, readFile, readlink, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { withInterpreter } from '../../cli/install/interpreter.ts';
import { SEATS } from '../../cli/resident/seats.ts';
import { runWithArguments, runWithMessage } from '../lab/execd.ts';
import { allOnOneHost } from '../lab/fixtures.ts';
import type { Host } from '../lab/host.ts';
import type { Installation } from '../lab/installation.ts';
import { ossec, wazuh4 } from '../lab/managers.ts';
import { RunningResident } from '../lab/resident.ts';
import { eventually, RunningServer, verb } from '../lab/server.ts';
import { stop } from '../lab/stop.ts';
import { labSuite } from '../lab/suite.ts';

const test = labSuite('scripts that hand their requests on', 'nft', 'ip', 'setpriv');
const RESPONSES = ['firewall-drop', 'route-null', 'apache-deny'];
const ADDRESS = '203.0.113.9';
let host: Host;
let at: Installation;
let resident: RunningResident;

allOnOneHost(test, (...made) => ([host, at] = made));
test.before.each(async () => {
  await host.start(['nft', 'flush', 'ruleset'], {});
  resident = at.resident ?? (await RunningResident.start(at.home, host));
});
test.after.each(async () => {
  await resident.end('SIGKILL');
});

/** From now on a script that needs Node fails. */
async function withoutNode(): Promise<void> {
  for (const response of RESPONSES) {
    const text = await readFile(at.script(response), 'utf8');
    await writeFile(at.script(response), withInterpreter(text, '/nowhere/node'));
  }
}

const add = (response: string, address = ADDRESS, env = {}) =>
  runWithArguments(at, response, ossec('add', address), { env });
const box = () => join(at.home, 'var/riposte/respond');
const isHeld = async (address = ADDRESS) => (await host.run('nft list ruleset')).includes(` ${address} `);
/** The process that tells scripts when nobody answers; 0 while there is none. */
const watchman = async () =>
  Number((await host.start(['pgrep', '-P', `${resident.pid}`, '-x', 'sh'], {})).stdout);
const managerIsAsked = () =>
  eventually('the manager is asked', async () => (await readdir(join(box(), 'out'))).length > 0);
/** An add as a script lays it that sits at the first seat. */
const requestOf = (address: string) =>
  ['12', 'firewall-drop', '/x.js', at.home, '', '', '', '0', '', 'add', '-', address]
    .map((field) => `${field}\0`)
    .join('');

async function takeAllSeats(): Promise<void> {
  for (let seat = 0; seat < SEATS; seat++) await writeFile(join(box(), `taken/${seat}`), `${process.pid}\n`);
}

const events = async () => (await at.journal()).map(({ event, address }) => `${event} ${address}`);

for (const response of RESPONSES) {
  test(`${response} blocks and unblocks without a Node of its own`, async () => {
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
    assert.is(await resident.end(), 4);
  });
}

test('one bad address among many that come at once fails alone', async () => {
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

test('while it is stopped the scripts do the work themselves, and it does not do it again', async () => {
  await stop(resident.pid);
  assert.is((await add('firewall-drop')).status, 0);
  assert.ok(await isHeld());
  const told = await runWithMessage(at, 'firewall-drop', wazuh4('add', '203.0.113.10'));
  assert.equal([told.status, told.questions.length], [0, 1]);
  process.kill(resident.pid, 'SIGCONT');
  assert.is((await add('firewall-drop', '203.0.113.11')).status, 0);
  assert.equal(await events(), [`blocked ${ADDRESS}`, 'blocked 203.0.113.10', 'blocked 203.0.113.11']);
});

test('who waits when it is stopped in the middle of its work goes, and does the work', async () => {
  const addresses = Array.from({ length: 40 }, (_, index) => `198.18.0.${index + 1}`);
  const waiting = Promise.all(addresses.map((address) => add('apache-deny', address)));
  await eventually('the first one is answered', async () => (await at.journal()).length > 0);
  await stop(resident.pid);
  for (const { status, stderr } of await waiting) assert.is(status, 0, stderr);
  const denied = await at.read('var/riposte/apache/deny.map');
  for (const address of addresses) assert.match(denied, `${address} deny\n`);
});

test('who tells them that is replaced when it is killed', async () => {
  const first = await watchman();
  process.kill(first, 'SIGKILL');
  await eventually('another one is there', async () => ![0, first].includes(await watchman()));
  const waits = runWithMessage(at, 'firewall-drop', wazuh4('add', ADDRESS), 'nothing');
  await managerIsAsked();
  await stop(resident.pid);
  assert.is((await waits).status, 0);
  assert.ok(await isHeld());
});

test('who comes when it and the one beside it are stopped does the work', async () => {
  const beside = await watchman();
  for (const pid of [beside, resident.pid]) await stop(pid);
  const { status } = await add('firewall-drop');
  process.kill(beside, 'SIGCONT');
  assert.is(status, 0);
  assert.ok(await isHeld());
});

test('what is sent to all that a terminal has started does not reach who tells them', async () => {
  const groups = await host.run(`ps -o pgid= --pid ${resident.pid} --ppid ${resident.pid}`);
  assert.is(new Set(groups.split('\n').map((group) => group.trim())).size, 2, groups);
});

test('who waits goes also when somebody has removed the box', async () => {
  const asked = runWithMessage(at, 'firewall-drop', wazuh4('add', ADDRESS), 'nothing');
  await managerIsAsked();
  const bell = join(await readlink(box()), 'bell');
  await rm(box());
  await writeFile(bell, '\n');
  assert.is((await asked).status, 0);
  assert.is((await at.journal())[0]?.asked, undefined, 'by Node');
});

test('a script whose seat is not its own any more does not wait there', async () => {
  const text = await readFile(at.script('firewall-drop'), 'utf8');
  await writeFile(at.script('firewall-drop'), text.replace('\n{ hand_on', '\nrm "$box/taken/$seat"$&'));
  assert.is((await add('firewall-drop')).status, 0);
  assert.is(await resident.end(), 0);
});

test('where all seats are taken a script does the work itself', async () => {
  await takeAllSeats();
  assert.is((await add('firewall-drop')).status, 0);
  assert.is((await runWithMessage(at, 'firewall-drop', wazuh4('add', '203.0.113.10'))).status, 0);
  assert.ok(await isHeld());
  assert.ok(await isHeld('203.0.113.10'));
  assert.is(await resident.end(), 0);
});

test('where all seats are taken and whoever answers is stopped, a script does not wait for one', async () => {
  await takeAllSeats();
  await stop(resident.pid);
  await writeFile(join(box(), 'watch'), '\n');
  await eventually('that is seen', async () => (await readFile(join(box(), 'stopped'), 'utf8')) !== '');
  assert.is((await add('firewall-drop')).status, 0);
  process.kill(resident.pid, 'SIGCONT');
  await eventually(
    'and that it runs again',
    async () => (await readFile(join(box(), 'stopped'), 'utf8')) === '',
  );
});

test('hundreds that come one after the other find a seat each, and a script that is killed leaves its own', async () => {
  await withoutNode();
  const [program = '', ...words] = at.command('firewall-drop', []);
  const killed = execa(program, words, { stdin: 'pipe', reject: false, buffer: false });
  killed.stdin.write(wazuh4('add', ADDRESS));
  await managerIsAsked();
  killed.kill('SIGKILL');
  killed.stdin.end();
  await killed;
  for (let round = 0; round < 40; round++) {
    const some = Array.from({ length: 25 }, (_, index) => `198.18.${round}.${index}`);
    const ended = await Promise.all(some.map((address) => add('apache-deny', address)));
    for (const { status, stderr } of ended) assert.is(status, 0, stderr);
  }
});

test('what kill -9 leaves behind is in nobody’s way', async () => {
  await resident.end('SIGKILL');
  assert.is((await add('firewall-drop')).status, 0);
  resident = await RunningResident.start(at.home, host);
  await withoutNode();
  assert.is((await add('firewall-drop', '203.0.113.10')).status, 0);
});

test('a thread that dies is started again, as soon as there is a place for it', async () => {
  const data = join(at.home, 'var/riposte');
  await rm(join(box(), 'in'), { recursive: true });
  await rename(data, `${data}-away`);
  await writeFile(join(await readlink(join(`${data}-away`, 'respond')), 'bell'), '\n');
  await eventually('it says what is wrong', async () => resident.said.includes('cannot answer scripts: '));
  await rm(data, { recursive: true, force: true });
  await rename(`${data}-away`, data);
  await eventually('it answers again', async () => existsSync(join(box(), 'pid')));
  await withoutNode();
  assert.is((await add('firewall-drop')).status, 0);
});

test('where few files may be open there are fewer seats', async () => {
  await host.run(`prlimit --pid ${resident.pid} --nofile=300:300`);
  await rm(join(box(), 'in'), { recursive: true });
  await writeFile(join(box(), 'bell'), '\n');
  const seats = async () =>
    Number((await readFile(join(box(), 'pid'), 'utf8').catch(() => '')).split(' ')[2]);
  await eventually('it answers again', async () => (await seats()) < 150);
  await withoutNode();
  assert.is((await add('firewall-drop')).status, 0);
  assert.is((await add('route-null')).status, 0);
});

test('who waits when the thread dies goes, and does the work', async () => {
  const asked = runWithMessage(at, 'firewall-drop', wazuh4('add', ADDRESS), 'nothing');
  await managerIsAsked();
  await rm(join(box(), 'in'), { recursive: true });
  await writeFile(join(box(), 'bell'), '\n');
  const { status, questions } = await asked;
  assert.equal([status, questions.length], [0, 1]);
  assert.match(String((await at.journal())[0]?.reason), 'the manager gave no answer');
  assert.is((await at.journal())[0]?.asked, undefined, 'by Node');
  assert.ok(await isHeld());
});

test('it answers what waits when it is ended, and leaves nothing', async () => {
  const waiting = Promise.all(
    Array.from({ length: 30 }, (_, index) => add('firewall-drop', `198.18.0.${index + 1}`)),
  );
  await eventually('the first one is answered', async () => (await at.journal()).length > 0);
  await resident.end();
  for (const { status, stderr } of await waiting) assert.is(status, 0, stderr);
  assert.is(new Set(await events()).size, 30);
  assert.is((await events()).length, 30);
  assert.equal(
    (await readdir(join(at.home, 'var/riposte'))).filter((name) => /respond/.test(name)),
    [],
  );
});

test('nobody but root gets in, and another account’s script is not answered', async () => {
  await chmod(at.home, 0o777);
  const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--'];
  const look = await host.start([...asNobody, 'ls', `${box()}/`], {});
  assert.match(look.stderr, 'Permission denied');
  const words = [...asNobody, at.script('firewall-drop'), ...ossec('add', ADDRESS)];
  const { exitCode } = await host.start(words, { stdin: 'ignore' });
  assert.is(exitCode, 77);
  assert.not(await isHeld());
});

test('a request that is not whole is not taken, and a whole one beside it is', async () => {
  await writeFile(join(box(), 'taken/0'), '1\n');
  await writeFile(join(box(), 'in/1-1.00'), requestOf(ADDRESS).slice(0, -4));
  await writeFile(join(box(), 'in/1-2.00'), requestOf('203.0.113.10'));
  await writeFile(join(box(), 'bell'), '\n');
  await eventually('the whole one is done', () => isHeld('203.0.113.10'));
  assert.equal(await readdir(join(box(), 'in')), ['1-1.00']);
  assert.not(await isHeld());
});

test('the request of a script that sits elsewhere is left to it, that of one that has ended is done', async () => {
  const ended = Number((await host.start(['sh', '-c', 'echo $$'], {})).stdout);
  await writeFile(join(box(), `in/${process.pid}-1.00`), requestOf(ADDRESS));
  await writeFile(join(box(), `in/${ended}-1.00`), requestOf('203.0.113.10'));
  await writeFile(join(box(), 'bell'), '\n');
  await eventually('that of the other is done', () => isHeld('203.0.113.10'));
  assert.equal(await readdir(join(box(), 'in')), [`${process.pid}-1.00`]);
  assert.not(await isHeld());
});

test('where the person who runs a script is logged in from is never blocked', async () => {
  await withoutNode();
  const { stdout } = await add('firewall-drop', ADDRESS, { SSH_CONNECTION: `${ADDRESS} 5 192.0.2.1 22` });
  assert.match(stdout, 'held');
  assert.not(await isHeld());
});

test('a message far longer than what a pipe takes at once is read whole', async () => {
  await withoutNode();
  const message = wazuh4('add', ADDRESS).replace(
    '"full_log":"',
    `"full_log":"${"\\\\ '$(id)` ".repeat(4000)}`,
  );
  assert.is((await runWithMessage(at, 'firewall-drop', message)).status, 0);
  assert.ok(await isHeld());
});

test('an nft that hangs is ended when its time is over, and the next request has a new one', async () => {
  await withoutNode();
  assert.is((await add('firewall-drop')).status, 0);
  await at.write('etc/riposte.conf', 'COMMAND_TIMEOUT=1s\n');
  const { stdout } = await host.start(['sh', '-c', `pgrep -P ${resident.pid} -x nft`], {});
  await stop(Number(stdout));
  const { status, stderr } = await add('firewall-drop', '203.0.113.10');
  assert.is(status, 75);
  assert.match(stderr, 'nft took longer than 1 s (COMMAND_TIMEOUT) and was ended');
  await at.write('etc/riposte.conf', '');
  assert.is((await add('firewall-drop', '203.0.113.10')).status, 0);
  assert.ok(await isHeld('203.0.113.10'));
  assert.is((await at.ledger('firewall-drop', '203.0.113.10'))?.offence, 1);
});

test('riposte serve answers them as well', async () => {
  await resident.end();
  await writeFile(join(at.home, 'access.log'), '');
  const server = await RunningServer.start(at, [join(at.home, 'access.log')]);
  await withoutNode();
  assert.is((await add('firewall-drop')).status, 0);
  assert.ok(await isHeld());
  assert.is(await server.end(), 0);
});

test('a second one for the same home is refused, and says why', async () => {
  const { exitCode, stderr } = await verb(at, ['respond']);
  assert.equal(
    [exitCode, stderr],
    [75, `riposte: another process answers the scripts of ${at.home} already`],
  );
});

test('what only a person asks for is left to Node', async () => {
  assert.is((await add('firewall-drop')).status, 0);
  const { stdout } = await runWithArguments(at, 'firewall-drop', ['--list']);
  assert.match(stdout, ADDRESS);
  const dry = await runWithArguments(at, 'firewall-drop', ['--dry-run', ...ossec('add', '203.0.113.10')]);
  assert.match(dry.stdout, 'would run: nft -f -');
  assert.not(await isHeld('203.0.113.10'));
});

test.run();
