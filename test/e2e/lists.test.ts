import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { runCommand } from '../lab/command.ts';
import { runWithArguments } from '../lab/execd.ts';
import { eachOnItsOwnHost } from '../lab/fixtures.ts';
import { connect, Host } from '../lab/host.ts';
import type { Installation } from '../lab/installation.ts';
import { ossec } from '../lab/managers.ts';
import { eventually } from '../lab/server.ts';
import { labSuite } from '../lab/suite.ts';

const test = labSuite('lists', 'nft');
let host: Host;
let at: Installation;

eachOnItsOwnHost(test, (...made) => ([host, at] = made));

const riposte = (...args: string[]) => runCommand(host, at.home, ...args);
const NFT = 'nft list table inet riposte';

/** Imports a list of this text. */
async function importList(text: string, ...args: string[]) {
  const file = join(at.home, 'drop.txt');
  await writeFile(file, text);
  return riposte('block', '--file', file, ...args);
}
const inLedger = (address: string) => at.ledger('firewall-drop', address);
/** True when ledger and kernel agree. */
const agrees = async () => (await riposte('status', '--json')).status === 0;

test('blocks addresses and prefixes of a list, and releases entries that the list no longer names', async () => {
  const first = await importList('; DROP\n203.0.113.7\n198.51.100.0/24 ; SBL1\n2001:db8:7::/48\n');
  assert.equal([first.status, first.stdout], [0, 'firewall-drop: drop: 3 blocked']);
  assert.equal((await inLedger('198.51.100.0/24'))?.origins, { drop: null });
  const listing = await host.run(NFT);
  for (const each of ['203.0.113.7', '198.51.100.0', '2001:db8:7::']) assert.match(listing, each);
  assert.is(await agrees(), true);
  const second = await importList('203.0.113.7\n203.0.113.8\n', '--replace-origin');
  assert.is(second.stdout, 'firewall-drop: drop: 1 blocked, 1 listed before, 2 released');
  assert.not.match(await host.run(NFT), '198.51.100.0');
  assert.is(await inLedger('198.51.100.0/24'), undefined);
  assert.is(await agrees(), true);
  assert.match((await riposte('history', '198.51.100.0/24')).stdout, /from drop; until deleted/);
  // A manager reads the log, and would raise an alert for each line.
  assert.equal(await at.log(), []);
  assert.equal(
    (await at.journal()).map(({ event, origin }) => [event, origin]),
    [...Array(4).fill(['blocked', 'drop']), ...Array(2).fill(['unblocked', 'drop'])],
  );
});

test('names a wrong line, and blocks the addresses of the other lines', async () => {
  const { status, stderr, stdout } = await importList('203.0.113.7\n203.0.113.300\n203.0.113.8\n');
  assert.is(status, 65);
  assert.match(stderr, /^riposte: .*\/drop\.txt:2: '203\.0\.113\.300' is not an IP address$/);
  assert.is(stdout, 'firewall-drop: drop: 2 blocked, 1 refused or failed');
});

test('never blocks this host’s own addresses, whatever a list names', async () => {
  const router = await Host.create('router');
  try {
    await connect(host, ['192.0.2.5/24', '2001:db8:1::5/64'], router, ['192.0.2.1/24']);
    await host.run('ip route add default via 192.0.2.1');
    await at.write('etc/riposte.conf', 'ALLOW_PRIVATE=no\n');
    await at.write('etc/riposte.allow', '203.0.113.99\n');
    const own = ['0.0.0.0/0', '0.0.0.0/8', '::/0', '128.0.0.0/1', '10.0.0.0/8', '10.1.2.3', '172.16.0.0/12'];
    own.push('192.168.0.0/16', '100.64.0.0/10', 'fc00::/7', 'fd00::1', '127.0.0.1', '::1', '169.254.1.1');
    own.push('224.0.0.0/4', '192.0.2.0/24', '192.0.2.1', '192.0.2.5', '192.0.2.77', '192.0.2.128/25');
    own.push('2001:db8:1::9', '203.0.113.96/28');
    const { status, stdout, stderr } = await importList([...own, '203.0.113.7'].join('\n'));
    assert.is(status, 0, stderr);
    assert.is(stdout, `firewall-drop: drop: 1 blocked, ${own.length} never blocked`);
    assert.match(stderr, ':19: 192.0.2.77 is never blocked: one of this host’s own networks 192.0.2.0/24');
    assert.equal((await at.journal()).length, 1);
  } finally {
    await router.remove();
  }
});

test('refuses a list that no longer names an address to block, unless --allow-empty is given', async () => {
  await importList('203.0.113.7\n');
  for (const text of ['', '# nothing\n', '<html><body>Sorry</body></html>\n', '10.0.0.1\n']) {
    const { status, stderr } = await importList(text, '--replace-origin');
    assert.is(status, 65, text);
    assert.match(stderr, 'names no address that may be blocked');
    assert.match(stderr, '--allow-empty');
    assert.ok(await inLedger('203.0.113.7'));
  }
  const { status, stdout } = await importList('', '--replace-origin', '--allow-empty');
  assert.equal([status, stdout], [0, 'firewall-drop: drop: 0 blocked, 1 released']);
  assert.not.match(await host.run(NFT), '203.0.113.7');
});

test('keeps an alert’s block when the list ends, and a list’s block when the manager deletes the address', async () => {
  const [A, B] = ['203.0.113.7', '203.0.113.8'];
  await runWithArguments(at, 'firewall-drop', ossec('add', A));
  await importList(`${A}\n${B}\n`);
  await runWithArguments(at, 'firewall-drop', ossec('add', B));
  assert.equal(
    [await inLedger(A), await inLedger(B)].map((block) => [block?.offence, block?.rule, block?.origins]),
    Array(2).fill([1, '31151', { drop: null }]),
  );
  const kept = await runWithArguments(at, 'firewall-drop', ossec('delete', B));
  assert.match(kept.stdout, `${B}: kept: listed by drop, until deleted`);
  assert.equal([(await inLedger(B))?.rule, (await inLedger(B))?.ownUntil], [undefined, undefined]);
  await importList('203.0.113.9\n', '--replace-origin');
  assert.is((await inLedger(A))?.origins, undefined);
  assert.is((await inLedger(A))?.rule, '31151');
  assert.is(await inLedger(B), undefined);
  assert.is(await agrees(), true);
  await runWithArguments(at, 'firewall-drop', ossec('delete', A));
  assert.is(await inLedger(A), undefined);
});

test('counts no import as an offence, and lets only an operator end an imported block', async () => {
  await importList('203.0.113.7\n', '--for', '1h');
  assert.is((await inLedger('203.0.113.7'))?.offence, 0);
  await runWithArguments(at, 'firewall-drop', ossec('delete', '203.0.113.7'));
  assert.ok(await inLedger('203.0.113.7'), 'a manager does not end the block');
  assert.is((await riposte('unblock', '203.0.113.7')).status, 0);
  assert.is(await inLedger('203.0.113.7'), undefined);
  await runWithArguments(at, 'firewall-drop', ossec('add', '203.0.113.7'));
  assert.is((await inLedger('203.0.113.7'))?.offence, 1);
});

test('renews a list with a time at each import, and lets several lists name an address', async () => {
  await importList('203.0.113.7\n', '--origin', 'a', '--for', '1h');
  await importList('203.0.113.7\n', '--origin', 'b', '--for', '2h');
  const { until } = (await inLedger('203.0.113.7')) ?? {};
  const again = await importList('203.0.113.7\n', '--origin', 'a', '--for', '3h');
  assert.is(again.stdout, 'firewall-drop: a: 0 blocked, 1 listed before');
  assert.ok(String((await inLedger('203.0.113.7'))?.until) > String(until));
  await importList('203.0.113.8\n', '--origin', 'a', '--replace-origin');
  assert.is((await inLedger('203.0.113.7'))?.until, until);
  assert.is(await agrees(), true);
});

test('refuses the addresses beyond MAX_IMPORTED, and reports their number', async () => {
  await at.write('etc/riposte.conf', 'MAX_IMPORTED=2\n');
  const { status, stderr, stdout } = await importList('203.0.113.7\n203.0.113.8\n203.0.113.9\n');
  assert.is(status, 65);
  assert.match(stderr, 'did not block 1 address, because MAX_IMPORTED=2 allows no more');
  assert.is(stdout, 'firewall-drop: drop: 2 blocked, 1 beyond MAX_IMPORTED');
  const other = await importList('203.0.113.20\n203.0.113.21\n', '--replace-origin');
  assert.is(other.stdout, 'firewall-drop: drop: 2 blocked, 2 released');
});

test('blocks addresses in Apache’s map, reports prefixes as failures, and ends a list by its name', async () => {
  const { status, stdout, stderr } = await importList(
    '203.0.113.7\n198.51.100.0/24\n',
    '--response',
    'apache-deny',
  );
  assert.is(status, 78);
  assert.match(stderr, 'drop.txt:2: 198.51.100.0/24: a RewriteMap holds no prefixes');
  assert.is(stdout, 'apache-deny: drop: 1 blocked, 1 refused or failed');
  assert.match(await at.read('var/riposte/apache/deny.map'), '203.0.113.7 deny');
  const ended = await riposte('unblock', '--origin', 'drop');
  assert.equal([ended.status, ended.stdout], [0, 'apache-deny: drop: 1 released']);
  assert.equal(
    (await at.journal()).map(({ event }) => event),
    ['blocked', 'unblocked'],
  );
  assert.is((await riposte('unblock', '--origin', 'drop', '--all')).status, 64);
});

test('reads standard input and a pipe, shows the changes of a dry run, and refuses wrong options', async () => {
  const script = 'node=$1; shift; echo 203.0.113.7 | "$node" dist/riposte.js block --file - "$@"';
  const run = (text: string, ...args: string[]) =>
    host.start(['bash', '-c', text, 'bash', process.execPath, ...args, '--home', at.home], {});
  assert.is((await run(script, '--dry-run')).stdout, 'firewall-drop: stdin: 1 would be blocked');
  assert.is(await inLedger('203.0.113.7'), undefined);
  assert.is((await run(script)).stdout, 'firewall-drop: stdin: 1 blocked');
  const pipe = 'node=$1; shift; "$node" dist/riposte.js block --file <(echo 203.0.113.8) "$@"';
  assert.is((await run(pipe, '--origin', 'p')).stdout, 'firewall-drop: p: 1 blocked');
  for (const [code, args] of [
    [64, ['203.0.113.9', '--file', '-']],
    [64, ['203.0.113.9', '--replace-origin']],
    [64, ['203.0.113.9', '--origin', 'x']],
    [64, ['--file', '-', '--origin', '../x']],
    [74, ['--file', '/nowhere/list']],
  ] as const)
    assert.is((await riposte('block', ...args)).status, code, args.join(' '));
});

test('a sweep restores the blocks of a list', async () => {
  await importList('203.0.113.7\n198.51.100.0/24\n');
  await host.run('nft delete table inet riposte');
  await riposte('sweep');
  assert.match(await host.run(NFT), '198.51.100.0');
  assert.is(await agrees(), true);
});

test('blocks exactly the list after an import was killed, a sweep ran, and the next import ended', async () => {
  const list = (from: number) =>
    Array.from({ length: 6000 }, (_, index) => `198.18.${(from + index) >> 8}.${(from + index) & 255}`).join(
      '\n',
    );
  await importList(list(0), '--dry-run');
  const file = join(at.home, 'drop.txt');
  const words = ['dist/riposte.js', 'block', '--file', file, '--home', at.home];
  const importing = host.start([process.execPath, ...words], {});
  await eventually(
    'a part is blocked',
    async () => (await riposte('export', '--origin', 'drop')).stdout !== '',
  );
  importing.kill('SIGKILL');
  await importing;
  await riposte('sweep');
  await importList(list(1000), '--replace-origin');
  assert.is(await agrees(), true);
  assert.equal(
    (await riposte('export', '--origin', 'drop')).stdout.split('\n').sort(),
    list(1000).split('\n').sort(),
  );
});

test('shows lists as counts, and their blocks when a filter selects them', async () => {
  await importList('203.0.113.7\n198.51.100.0/24\n');
  assert.is((await riposte('status')).stdout, 'listed by drop: 2 blocked');
  await runWithArguments(at, 'firewall-drop', ['add', '-', '203.0.113.8', '1.1', '117078', '/x', '-']);
  await runWithArguments(at, 'firewall-drop', ['add', '-', '203.0.113.9', '1.1', '117090', '/x', '-']);
  const shown = async (...args: string[]) => {
    const { stdout } = await riposte('status', ...args);
    return [...stdout.matchAll(/^(\S+) +firewall-drop/gm)].map(([, address]) => address);
  };
  const all = await riposte('status');
  assert.match(all.stdout, /^listed by drop: 2 blocked$/m);
  assert.equal(await shown(), ['203.0.113.8', '203.0.113.9']);
  assert.equal((await shown('--origin', 'drop')).sort(), ['198.51.100.0/24', '203.0.113.7']);
  assert.equal(await shown('--rule', '117078'), ['203.0.113.8']);
  assert.equal(await shown('--class', 'logins'), ['203.0.113.9']);
  assert.equal(await shown('203.0.113.8/31', '--class', 'burst'), ['203.0.113.8']);
  assert.equal((await shown('--class', 'list')).sort(), ['198.51.100.0/24', '203.0.113.7']);
  assert.equal(await shown('--class', 'by-hand'), []);
  assert.equal(await shown('198.51.100.0/22'), ['198.51.100.0/24']);
  assert.equal(await shown('--origin', 'constructor'), []);
  assert.is((await riposte('status', '--class', 'bursts')).status, 64);
  const json = JSON.parse((await riposte('status', '--json')).stdout);
  assert.is(json.blocks.length, 4);
});

test.run();
