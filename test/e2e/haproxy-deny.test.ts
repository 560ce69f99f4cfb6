import { readFile } from 'node:fs/promises';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { askHaproxy } from '../../active-response/backend/haproxy/runtime-socket.ts';
import { runWithArguments, statusOf } from '../lab/execd.ts';
import { allOnOneNetwork } from '../lab/fixtures.ts';
import { Haproxy, type HaproxyProgram, haproxyProgram } from '../lab/haproxy.ts';
import { Installation } from '../lab/installation.ts';
import { ossec } from '../lab/managers.ts';
import { ADDRESS, type Network } from '../lab/network.ts';
import {
  assertBlockedUntilDelete,
  assertRepeatable,
  type SeenFromOutside,
} from '../lab/seen-from-outside.ts';
import { eventually } from '../lab/server.ts';
import { labSuite, skippedSuite } from '../lab/suite.ts';
import { leftToAll, SHARE } from '../runner/share.ts';

/** The number of addresses in a list that replaces the whole set. */
const MANY = SHARE === 'quick' ? 500 : 5000;

const FILE = 'var/riposte/haproxy/deny.map';
const program = await haproxyProgram();
const name = 'haproxy-deny';
const test = program ? labSuite(name) : skippedSuite(name, 'haproxy');
const inAll = leftToAll(test);
let network: Network;
let haproxy: Haproxy;
let at: Installation;

allOnOneNetwork(test, (made) => {
  network = made;
});
test.before.each(async () => {
  at = await Installation.create(network.web);
  await at.write(FILE, '');
  haproxy = await Haproxy.start(network.web, program as HaproxyProgram, await rules());
  await at.write(
    'etc/riposte.conf',
    `HAPROXY_FILE=${at.home}/${FILE}\nHAPROXY_SOCKET=${haproxy.socket}\nCOMMAND_TIMEOUT=2m\n`,
  );
});
test.after.each(async () => {
  await haproxy.stop();
  await at.remove();
});

/** The fragment's line for a frontend, with the path of this test's file. */
async function rules(): Promise<string> {
  const text = await readFile('haproxy.cfg.d/deny-map.cfg', 'utf8');
  return (/^ *http-request deny.*$/m.exec(text)?.[0] ?? '').replace(
    '/var/lib/riposte/haproxy/deny.map',
    `${at.home}/${FILE}`,
  );
}

const run = statusOf(name, () => at);
const outside: SeenFromOutside = { run, fetch: (from) => network.fetch(from), denied: 403 };

const listed = async () => (await runWithArguments(at, name, ['--list'])).stdout;

const riposte = (...words: string[]) =>
  network.web.start([process.execPath, 'dist/riposte.js', ...words, '--home', at.home], { stdin: 'ignore' });

test('denies a blocked address at once, but not its neighbour, until the delete', () =>
  assertBlockedUntilDelete(outside));

test('succeeds when an add or delete is repeated, and when a delete has no add', () =>
  assertRepeatable(outside));

test('denies an IPv6 address and a prefix', async () => {
  assert.is(await run('add', ADDRESS.attacker6), 0);
  assert.is(await network.fetch(ADDRESS.attacker6), 403);
  assert.is(await run('add', '203.0.113.6/31'), 0);
  assert.is(await network.fetch(ADDRESS.attacker), 403);
  assert.is(await network.fetch(ADDRESS.visitor), 200);
});

test('still denies after a reload, although HAProxy then forgets the entries of the running process', async () => {
  assert.is(await run('add', ADDRESS.attacker), 0);
  assert.is(await run('add', ADDRESS.visitor), 0);
  assert.is(await run('delete', ADDRESS.visitor), 0);
  await haproxy.reload();
  await eventually('it is denied', async () => (await network.fetch(ADDRESS.attacker)) === 403);
  assert.is(await network.fetch(ADDRESS.visitor), 200);
});

test('reports that HAProxy does not run, and lists the block as in force after HAProxy has started', async () => {
  await haproxy.end('SIGKILL');
  assert.is(await run('add', ADDRESS.attacker), 69);
  assert.match((await at.log()).at(-1) ?? '', /failed: HAProxy’s socket \S+: nothing listens there/);
  await haproxy.run();
  assert.is(await network.fetch(ADDRESS.attacker), 403);
  assert.is((await runWithArguments(at, name, ['--sweep'])).status, 0);
  assert.match(await listed(), / {2}yes {2}/);
});

inAll('names the socket when it is missing', async () => {
  await at.write('etc/riposte.conf', 'HAPROXY_SOCKET=/nowhere/sock\n');
  assert.is(await run('add', ADDRESS.attacker), 69);
  assert.match(
    (await at.log()).at(-1) ?? '',
    /failed: HAProxy’s socket \/nowhere\/sock: the socket does not exist/,
  );
});

test('names the map when HAProxy does not read the file', async () => {
  const other = `${at.home}/other.map`;
  await at.write(
    'etc/riposte.conf',
    `HAPROXY_FILE=${other}\nHAPROXY_SOCKET=${haproxy.socket}\nCOMMAND_TIMEOUT=2m\n`,
  );
  assert.is(await run('add', ADDRESS.attacker), 69);
  assert.match(
    (await at.log()).at(-1) ?? '',
    /failed: HAProxy has no map \S+other\.map; name it in haproxy\.cfg/,
  );
});

test(`replaces the whole set for a list of ${MANY} addresses, and repairs it in a sweep`, async () => {
  assert.is(await run('add', ADDRESS.attacker), 0);
  const list = Array.from({ length: MANY }, (_, index) => `198.18.${index >> 8}.${index & 255}`);
  await at.write('list.txt', `${list.join('\n')}\n`);
  const { exitCode, stdout } = await riposte('block', '--file', `${at.home}/list.txt`, '--response', name);
  assert.is(exitCode, 0);
  assert.match(stdout, `${MANY} blocked`);
  assert.is(await network.fetch(ADDRESS.attacker), 403);
  const status = (await riposte('status', '--response', name)).stdout;
  assert.match(status, '1 blocked: 1 in force');
  assert.match(status, `listed by list: ${MANY} blocked`);
  // The file was lost, then HAProxy was reloaded.
  await at.write(FILE, '');
  await haproxy.reload();
  await eventually('it is lost', async () => (await network.fetch(ADDRESS.attacker)) === 200);
  assert.is((await riposte('sweep', '--response', name)).exitCode, 0);
  assert.is(await network.fetch(ADDRESS.attacker), 403);
  await haproxy.reload();
  await eventually('it is denied', async () => (await network.fetch(ADDRESS.attacker)) === 403);
  assert.is((await riposte('unblock', '--all', '--response', name)).exitCode, 0);
  assert.is(await network.fetch(ADDRESS.attacker), 200);
});

inAll('the map agrees with the ledger when a sweep has run after kills at any moment', async () => {
  const [command, ...args] = at.command(name, ossec('add', 'ADDRESS'));
  const runs = Array.from({ length: 24 }, (_, index) => {
    const words = args.map((word) => word.replace('ADDRESS', `198.51.100.${index}`));
    const child = execa(command, words, { stdin: 'ignore', reject: false });
    if (index % 2 === 0) setTimeout(() => child.kill('SIGKILL'), index * 40);
    return child;
  });
  await Promise.all(runs);
  await eventually('the sweep ends', async () => (await riposte('sweep', '--response', name)).exitCode === 0);
  const held = askHaproxy(haproxy.socket, [`show map ${at.home}/${FILE}`], 20)[0] ?? '';
  const blocks = (await at.files()).flatMap(
    (file) => /blocks\/haproxy-deny\/(.*)\.json$/.exec(file)?.[1] ?? [],
  );
  assert.equal([...held.matchAll(/^0x\S+ (\S+)/gm)].map(([, key]) => key).sort(), blocks.sort());
  assert.ok(blocks.length >= 12);
});

test.run();
