import { writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { morfeus } from '../lab/access-log.ts';
import { eachOnItsOwnHost, killServerAfterEach } from '../lab/fixtures.ts';
import type { Host } from '../lab/host.ts';
import { addressesInForce } from '../lab/in-force.ts';
import type { Installation } from '../lab/installation.ts';
import { eventually, RunningServer, verb } from '../lab/server.ts';
import { labSuite } from '../lab/suite.ts';

/** Riposte blocks many simultaneous attackers in one batch, but reports each attacker's own result. */
const test = labSuite('many at once', 'nft');
let host: Host;
let at: Installation;
let server: RunningServer | undefined;

killServerAfterEach(test, () => server);
eachOnItsOwnHost(test, (...made) => ([host, at] = made));
test.before.each(() => at.write('etc/riposte.conf', 'IPV6_PREFIX=128\n'));

const COUNT = 200;
const source = (index: number) =>
  index % 2 === 0 ? `198.18.${index}.1` : `2001:db8:${index.toString(16)}::1`;
const SOURCES = Array.from({ length: COUNT }, (_, index) => source(index));
const lines = (sources: readonly string[]) => sources.map((each) => morfeus(each)).join('');

/** Asserts that exactly these sources are blocked, and that each has its ledger entry, log line and event. */
async function eachIsBlocked(sources: readonly string[]): Promise<void> {
  assert.equal(await addressesInForce(host), [...sources].sort());
  const log = (await at.log()).join('\n');
  const events = (await at.journal()).filter(({ event }) => event === 'blocked');
  assert.equal(events.map(({ address }) => String(address)).sort(), [...sources].sort());
  for (const each of sources) {
    assert.match(log, new RegExp(`add - ${each} - \\d+ blocked: until `));
    assert.is((await at.ledger('firewall-drop', each))?.offence, 1, each);
  }
}

test('scan blocks all attackers of a log, except an allowed address', async () => {
  await at.write('etc/riposte.allow', `${source(7)}\n`);
  await at.write('access.log', lines(SOURCES));
  const { stdout, exitCode } = await verb(at, ['scan', `${at.home}/access.log`]);
  assert.is(exitCode, 0, stdout);
  assert.match(stdout, `held: ${source(7)} is never blocked: in the allow list`);
  await eachIsBlocked(SOURCES.filter((each) => each !== source(7)));
});

test('serve blocks all attackers that come at once, except an allowed address', async () => {
  await at.write('etc/riposte.allow', `${source(7)}\n`);
  await at.write('access.log', '');
  server = await RunningServer.start(at, [`${at.home}/access.log`]);
  await writeFile(`${at.home}/access.log`, lines(SOURCES), { flag: 'a' });
  await eventually('all are blocked', async () => (await at.journal()).length >= COUNT, {
    orElse: () => server?.said ?? '',
  });
  await server.says(new RegExp(`${source(7).replaceAll('.', '\\.')}: held: `));
  await eachIsBlocked(SOURCES.filter((each) => each !== source(7)));
});

test('block reports the result of each address separately', async () => {
  const { stdout, stderr, exitCode } = await verb(at, [
    'block',
    '198.51.100.1',
    '127.0.0.1',
    '2001:db8::/48',
  ]);
  assert.is(exitCode, 65);
  assert.match(stdout, /198\.51\.100\.1: blocked: .*\n.*2001:db8::\/48: blocked: /);
  assert.match(stderr, '127.0.0.1: held: 127.0.0.1 is never blocked');
  assert.match(await host.run('nft list ruleset'), '198.51.100.1');
  assert.match(await host.run('nft list ruleset'), 'network6_48');
});

test('allow releases each blocked address that is named or is in a named prefix', async () => {
  await verb(at, ['block', ...SOURCES]);
  assert.is((await addressesInForce(host)).length, COUNT);
  const { exitCode } = await verb(at, ['allow', '2001:db8::/32', ...SOURCES.slice(0, 100)]);
  assert.is(exitCode, 0);
  const left = SOURCES.slice(100).filter((each) => !each.startsWith('2001:db8:'));
  assert.equal(await addressesInForce(host), left.sort());
});

test('unblock ends all blocks that it names', async () => {
  await verb(at, ['block', ...SOURCES]);
  const { exitCode, stdout } = await verb(at, ['unblock', ...SOURCES.slice(1), '203.0.113.9']);
  assert.is(exitCode, 0);
  assert.match(stdout, '203.0.113.9: was not blocked');
  assert.equal(await addressesInForce(host), [source(0)]);
});

test('scan and serve keep no more than MAX_BLOCKS blocks, and end severe blocks last', async () => {
  const first = '203.0.113.1';
  await at.write('etc/riposte.conf', 'MAX_BLOCKS=100\nSEVERE_LEVEL=1\n');
  await at.write('access.log', lines([first]));
  await verb(at, ['scan', `${at.home}/access.log`]);
  await at.write('etc/riposte.conf', 'MAX_BLOCKS=100\n');
  await writeFile(`${at.home}/access.log`, lines(SOURCES.slice(0, 120)), { flag: 'a' });
  const { stdout } = await verb(at, ['scan', `${at.home}/access.log`]);
  assert.match(stdout, "Riposte's own blocks exceeded MAX_BLOCKS=100: Riposte ended 21 blocks early");
  assert.is((await addressesInForce(host)).length, 100);
  assert.ok((await addressesInForce(host)).includes(first));
  server = await RunningServer.start(at, [`${at.home}/access.log`]);
  await writeFile(`${at.home}/access.log`, lines(SOURCES.slice(120, 160)), { flag: 'a' });
  await server.says(/Riposte's own blocks exceeded MAX_BLOCKS=100: Riposte ended (1 block|\d+ blocks) early/);
  await eventually('all are handled', async () => {
    const ended = (await at.journal()).filter(({ event }) => event === 'unblocked');
    return ended.length === 61 && (await addressesInForce(host)).length === 100;
  });
  assert.ok((await addressesInForce(host)).includes(first));
});

test.run();
