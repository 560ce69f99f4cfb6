import * as assert from 'uvu/assert';
import { inHours, writeEntry } from '../cli/ledger-files.ts';
import { runWithArguments } from '../lab/execd.ts';
import { type Firewalld, missingForFirewalld, startFirewalld } from '../lab/firewalld.ts';
import { Installation } from '../lab/installation.ts';
import { ossec } from '../lab/managers.ts';
import { ADDRESS, createNetwork, type Network } from '../lab/network.ts';
import {
  assertBlockedUntilDelete,
  assertRepeatable,
  type SeenFromOutside,
} from '../lab/seen-from-outside.ts';
import { labSuite } from '../lab/suite.ts';
import { type Stop, startWebServer } from '../lab/web-server.ts';
import { leftToAll, SHARE } from '../runner/share.ts';

const test = labSuite('firewall-drop with firewalld', 'setpriv', 'nft', ...(await missingForFirewalld()));
const inAll = leftToAll(test);
const BOTH = [ADDRESS.attacker, ADDRESS.attacker6];

let network: Network;
let servers: Stop[];
let daemon: Firewalld;
let at: Installation;
/** The addresses of a test, to unblock at its end. */
const touched = new Set<string>();

test.before(async () => {
  network = await createNetwork();
  servers = [await startWebServer(network.web, 80), await startWebServer(network.web, 8080)];
  daemon = await startFirewalld(network.web, [80, 8080]);
});
test.after(async () => {
  // If the hosts could not be started, do nothing: the test must show that error, and not an error of this clean-up.
  await daemon?.stop();
  for (const stop of servers ?? []) await stop();
  await network?.remove();
});
test.before.each(async () => {
  at = await Installation.create(network.web);
  await at.write('etc/riposte.conf', 'FIREWALL_BACKEND=firewalld\nCOMMAND_TIMEOUT=2m\n');
});
test.after.each(async () => {
  for (const address of touched) await run('delete', address);
  touched.clear();
  await at.remove();
});

const firewallDrop = (...args: string[]) =>
  runWithArguments(at, 'firewall-drop', args, { env: { PATH: daemon.path } });

async function run(command: 'add' | 'delete', address: string, ...flags: string[]) {
  touched.add(address);
  return (await firewallDrop(...flags, ...ossec(command, address))).status;
}

const list = async () => (await firewallDrop('--list')).stdout;

async function fetches(from: string, port = 80): Promise<boolean> {
  return (await network.fetch(from, url(from, port))) === 200;
}

const outside: SeenFromOutside = { run, fetch: (from) => network.fetch(from), denied: 0 };

/** The URL of the web host, with the web host's address of the same family as the client's. */
const url = (from: string, port = 80) =>
  `http://${from.includes(':') ? `[${ADDRESS.web6}]` : ADDRESS.web}:${port}/`;

// This test must be the first, because firewalld has no configuration of Riposte yet.
test('makes all of the first blocks when addresses and prefixes come at the same time', async () => {
  const more = SHARE === 'quick' ? [] : ['198.51.100.2', '2001:db8:51::/48'];
  const addresses = ['198.51.100.1', '2001:db8:51::1', '198.51.100.0/24', ...more];
  const statuses = await Promise.all(addresses.map((address) => run('add', address)));
  assert.equal([...new Set(statuses)], [0]);
  const table = await list();
  for (const address of addresses) assert.match(table, new RegExp(`^${address} +firewalld +yes`, 'm'));
});

test('drops a blocked address of either family, but not its neighbour, until the delete', async () => {
  for (const attacker of BOTH) await assertBlockedUntilDelete(outside, attacker);
});

inAll('succeeds when an add or delete is repeated, and when a delete has no add', async () => {
  await assertRepeatable(outside);
  await assertRepeatable(outside, '2001:db8:113::6/127', ADDRESS.attacker6);
});

inAll('lists a block with NO after a reload, and succeeds at the next add and delete', async () => {
  assert.is(await run('add', ADDRESS.attacker), 0);
  assert.match(await list(), new RegExp(`^${ADDRESS.attacker} +firewalld +yes`, 'm'));
  await daemon.command('--reload');
  assert.ok(await fetches(ADDRESS.attacker));
  assert.match(await list(), new RegExp(`^${ADDRESS.attacker} +firewalld +NO`, 'm'));
  assert.is(await run('add', ADDRESS.attacker), 0);
  assert.not(await fetches(ADDRESS.attacker));
  await daemon.command('--reload');
  assert.is(await run('delete', ADDRESS.attacker), 0);
  assert.is(await at.ledger('firewall-drop', ADDRESS.attacker), undefined);
});

inAll('blocks overlapping prefixes and an address in them separately', async () => {
  const all = ['203.0.113.6/31', '203.0.113.4/30', ADDRESS.attacker];
  for (const address of all) assert.is(await run('add', address), 0, address);
  assert.ok(await fetches(ADDRESS.visitor));
  for (const address of all) {
    assert.not(await fetches(ADDRESS.attacker), `before the delete of ${address}`);
    assert.is(await run('delete', address), 0);
  }
  assert.ok(await fetches(ADDRESS.attacker));
});

inAll('answers at once that the host is unreachable when the action is reject', async () => {
  for (const from of BOTH) {
    assert.is(await run('add', from, '--action', 'reject'), 0);
    const curl = ['curl', '--globoff', '--silent', '--show-error', '--interface', from, url(from)];
    assert.match((await network.outside.start(curl, {})).stderr, /No route to host|Couldn't connect/);
    assert.is(await run('delete', from), 0);
    assert.ok(await fetches(from));
  }
});

inAll('closes only the given ports, and applies a changed setting at the next block', async () => {
  assert.is(await run('add', ADDRESS.attacker, '--ports', '25,80'), 0);
  assert.not(await fetches(ADDRESS.attacker));
  assert.ok(await fetches(ADDRESS.attacker, 8080));
  assert.is(await run('add', ADDRESS.attacker, '--ports', '443,8000-8100'), 0);
  assert.ok(await fetches(ADDRESS.attacker));
  assert.not(await fetches(ADDRESS.attacker, 8080));
  assert.is(await run('delete', ADDRESS.attacker), 0);
  assert.is(await run('add', '203.0.113.6/31', '--ports', '80'), 0);
  assert.not(await fetches(ADDRESS.attacker));
  assert.ok(await fetches(ADDRESS.attacker, 8080));
});

inAll('keeps blocks in nftables when firewalld reloads', async () => {
  assert.is(await run('add', ADDRESS.attacker, '--backend', 'nftables'), 0);
  await daemon.command('--reload');
  assert.not(await fetches(ADDRESS.attacker));
});

// These tests must be the last, because firewalld is not started again.
inAll('restores many blocks after a reload, and removes blocks that the ledger lacks', async () => {
  const hosts = Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? `198.51.101.${i}` : `2001:db8:51::${i}`));
  const many = [...hosts, '198.51.102.0/24'];
  const sweep = async () => (await firewallDrop('--sweep')).stdout;
  const outcomes = (text: string, word: string) =>
    text.split('\n').filter((line) => line.includes(`: ${word}: `)).length;
  for (const address of many) writeEntry(at.home, 'firewall-drop', address, { backend: 'firewalld' });
  assert.is(outcomes(await sweep(), 'restored'), many.length);
  assert.is((await list()).match(/ yes /g)?.length, many.length);
  await daemon.command('--reload');
  await daemon.command('--ipset=riposte4', '--add-entry=198.51.103.1');
  assert.is(outcomes(await sweep(), 'restored'), many.length);
  assert.is((await list()).match(/ yes /g)?.length, many.length);
  assert.not.match(await daemon.command('--ipset=riposte4', '--get-entries'), '198.51.103.1');
  assert.is(await sweep(), '');
  for (const address of many)
    writeEntry(at.home, 'firewall-drop', address, { backend: 'firewalld', until: inHours(-1) });
  assert.is(outcomes(await sweep(), 'unblocked'), many.length);
  assert.is(await daemon.command('--ipset=riposte6', '--get-entries'), '');
});

test('fails with one clear line when firewalld does not run', async () => {
  await daemon.halt();
  assert.is(await run('add', ADDRESS.attacker), 69);
  const log = await at.log();
  assert.is(log.length, 1);
  assert.match(log[0] ?? '', / failed: .*firewall-cmd: FirewallD is not running/);
  assert.type((await at.ledger('firewall-drop', ADDRESS.attacker))?.failed, 'string');
});

test.run();
