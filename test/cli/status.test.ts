import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { runCommand } from '../lab/command.ts';
import { runWithArguments } from '../lab/execd.ts';
import { eachOnItsOwnHost } from '../lab/fixtures.ts';
import type { Host } from '../lab/host.ts';
import type { Installation } from '../lab/installation.ts';
import { ossec } from '../lab/managers.ts';
import { eventually } from '../lab/server.ts';
import { labSuite } from '../lab/suite.ts';
import { addressOf, inHours, writeEntry } from './ledger-files.ts';

const test = labSuite('status', 'nft');
let host: Host;
let at: Installation;

eachOnItsOwnHost(test, (...made) => ([host, at] = made));

const status = (...args: string[]) => runCommand(host, at.home, 'status', ...args);
const add = (response: string, address: string) => runWithArguments(at, response, ossec('add', address));
/** The rows of the table, with single spaces between cells and without the times. */
const rowsOf = (stdout: string) =>
  stdout
    .split('\n')
    .slice(1, stdout.split('\n').indexOf(''))
    .map((line) => line.replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'TIME').replace(/ +/g, ' '));

const V4 = '203.0.113.7';
const V6 = '2001:db8:113::7';
const NET = '198.51.100.0/24';
/** Sends one packet from an address. */
const SEND = `const socket = require('node:dgram').createSocket('udp4');
  socket.bind(0, process.argv[1], () => socket.send('x', 9, '127.0.0.1', () => socket.close()));`;

test('says that nobody is blocked when the ledger is empty', async () => {
  const { status: code, stdout } = await status();
  assert.equal([code, stdout], [0, 'Nobody is blocked.']);
});

test('prints each block as a row, in the order of their start', async () => {
  await add('firewall-drop', V4);
  await add('route-null', V6);
  await runWithArguments(at, 'firewall-drop', ['--block-for', '7d', ...ossec('add', NET)]);
  const { status: code, stdout } = await status();
  assert.is(code, 0);
  assert.equal(rowsOf(stdout), [
    `${V4} firewall-drop nftables yes TIME deleted 31151 1 0`,
    `${V6} route-null route yes TIME deleted 31151 1 -`,
    `${NET} firewall-drop nftables yes TIME TIME (in 7 days) 31151 1 0`,
  ]);
  assert.is(stdout.split('\n').at(-1), '3 blocked: 3 in force');
});

test('shows the use of MAX_BLOCKS when four fifths are in use, and always in JSON', async () => {
  await at.write('etc/riposte.conf', 'MAX_BLOCKS=100\n');
  const own = (number: number) =>
    writeEntry(at.home, 'firewall-drop', addressOf(number), { rule: '117010', until: inHours(1) });
  for (let number = 0; number < 79; number++) own(number);
  writeEntry(at.home, 'firewall-drop', V4, { rule: '31151', alert: '1795166136.16' });
  assert.not.match((await status()).stdout, 'MAX_BLOCKS');
  assert.equal(JSON.parse((await status('--json')).stdout).cap, { most: 100, used: 79 });
  own(79);
  assert.match(
    (await status()).stdout,
    'riposte serve and riposte scan have blocked 80 addresses, and MAX_BLOCKS is 100',
  );
});

test('says that the manager ends a block, names the latest time of its end, and names the time zone', async () => {
  await at.write('etc/shared/ar.conf', 'firewall-drop600 - firewall-drop.js - 600\n');
  await add('firewall-drop', V4);
  await add('route-null', V4);
  await runCommand(host, at.home, 'block', V6, '--for', '1d');
  const { stdout } = await status();
  assert.match(stdout, /^ADDRESS .* SINCE \(\S+\) +UNTIL \(\S+\) +RULE/);
  const rows = rowsOf(stdout);
  assert.match(rows[0] ?? '', /yes TIME by the manager, at the latest TIME \(in 15 minutes\) 31151/);
  assert.match(rows[1] ?? '', / route yes TIME deleted 31151/, 'ar.conf has no time for it');
  assert.match(rows[2] ?? '', /yes TIME TIME \(in (24 hours|1 day)\) - /);
  await at.write('etc/riposte.conf', 'BLOCK_FOR=1d\n');
  assert.not.match((await status()).stdout, 'by the manager');
});

test('counts the packets that the kernel has dropped', async () => {
  // Packets between two addresses of this host pass prerouting on the loopback.
  writeEntry(at.home, 'firewall-drop', V4, { until: inHours(1) });
  await runCommand(host, at.home, 'restore');
  await host.run(`ip address add ${V4}/32 dev lo`);
  const { exitCode, stderr } = await host.start([process.execPath, '-e', SEND, V4], {});
  assert.is(exitCode, 0, stderr);
  const block = async () => JSON.parse((await status('--json')).stdout).blocks[0];
  await eventually('the packets are counted', async () => (await block()).packets > 0);
  const { packets, bytes } = await block();
  assert.ok(bytes >= packets * 28, `${bytes} bytes`);
});

test('names missing and stray blocks, with advice, and exits with 1', async () => {
  await add('firewall-drop', V4);
  await add('route-null', V4);
  await host.run(`nft delete element inet riposte blocked4 { ${V4} }`);
  await host.run('nft add element inet riposte blocked4 { 198.51.100.9 }');
  const { status: code, stdout } = await status();
  assert.is(code, 1);
  assert.equal(stdout.split('\n').slice(3), [
    '',
    '2 blocked: 1 in force, 1 NOT in force',
    'not in force, but in the ledger:',
    `    ${V4}  (firewall-drop, nftables)`,
    'in force, but not in the ledger:',
    '    198.51.100.9  (firewall-drop, nftables)',
    'To correct this, run: riposte sweep',
  ]);
  assert.is((await status('--response', 'route-null')).status, 0);
});

test('distinguishes failed blocks, with their reason, from ended and damaged blocks', async () => {
  writeEntry(at.home, 'firewall-drop', V4, { failed: 'nft: \u001b[31mno' });
  writeEntry(at.home, 'route-null', V4, { until: inHours(-2) });
  writeFileSync(join(at.home, 'var/riposte/blocks/route-null/203.0.113.8.json'), '');
  const { status: code, stdout } = await status();
  assert.is(code, 1);
  assert.match(stdout, `${V4}  (firewall-drop, nftables): nft: \\u001b[31mno`);
  assert.match(stdout, / over .* \(2 hours ago\)/);
  assert.match(stdout, /damaged in the ledger:\n {4}\S+203\.0\.113\.8\.json is damaged: it holds no block\n/);
  assert.match(stdout, '3 blocked: 0 in force, 1 NOT in force, 1 over, 1 damaged');
});

test('finds one address in any spelling, and by the prefix that contains it', async () => {
  await add('firewall-drop', V4);
  await add('firewall-drop', NET);
  await add('route-null', V6);
  assert.is(rowsOf((await status('2001:DB8:113:0::7')).stdout).length, 1);
  assert.match((await status('198.51.100.77')).stdout, `${NET}  firewall-drop`);
  const { status: code, stdout } = await status('192.0.2.1');
  assert.equal([code, stdout], [0, '192.0.2.1 is not blocked.']);
  assert.is((await status('nonsense')).status, 65);
  assert.is((await status(V4, V6)).status, 64);
});

test('says that no block matches when options select none of the blocks', async () => {
  await add('firewall-drop', V4);
  const selections = [
    ['--origin', 'drop'],
    ['--rule', '1'],
    [V4, '--rule', '1'],
    ['--response', 'route-null'],
  ];
  for (const words of selections) {
    const { status: code, stdout } = await status(...words);
    assert.equal([code, stdout], [0, 'No block matches.'], words.join(' '));
  }
});

test('prints one document with --json, with times in UTC', async () => {
  await add('firewall-drop', V4);
  await host.run('ip route add unreachable 198.51.100.9 proto 117');
  writeEntry(at.home, 'route-null', V6);
  const { blocks, strays, unseen } = JSON.parse((await status('--json')).stdout);
  assert.is(blocks.length, 2);
  const entry = await at.ledger('firewall-drop', V4);
  assert.equal(blocks[1], { ...entry, inForce: 'yes', packets: 0, bytes: 0 });
  assert.is(new Date(blocks[1].since).toISOString(), blocks[1].since);
  assert.equal([blocks[0].inForce, blocks[0].address], ['NO', V6]);
  assert.equal(strays, [{ address: '198.51.100.9', response: 'route-null', backend: 'route' }]);
  assert.equal(unseen, []);
});

test('shows a user other than root the readable parts, and reports the parts that it cannot read', async () => {
  await add('firewall-drop', V4);
  await add('route-null', V4);
  const run = () =>
    host.start(
      [
        ...['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'],
        ...[process.execPath, 'dist/riposte.js', 'status', '--home', at.home],
      ],
      {},
    );
  const blind = await run();
  assert.is(blind.exitCode, 77);
  assert.not.match(String(blind.stdout), 'Nobody is blocked');
  assert.match(
    String(blind.stdout),
    /could not check the ledger of firewall-drop: cannot read .*permission denied/,
  );
  mkdirSync(join(at.home, 'var/riposte/blocks'), { recursive: true });
  for (const path of [
    'var/riposte',
    'var/riposte/blocks',
    'var/riposte/blocks/firewall-drop',
    'var/riposte/blocks/route-null',
  ])
    chmodSync(join(at.home, path), 0o755);
  for (const response of ['firewall-drop', 'route-null'])
    chmodSync(join(at.home, `var/riposte/blocks/${response}/${V4}.json`), 0o644);
  const { exitCode, stdout } = await run();
  assert.is(exitCode, 77);
  assert.equal(rowsOf(String(stdout)), [
    `${V4} firewall-drop nftables ? TIME deleted 31151 1 -`,
    `${V4} route-null route yes TIME deleted 31151 1 -`,
  ]);
  assert.match(String(stdout), 'could not check nftables of firewall-drop: nft: ');
});

test('prints no control characters of the ledger in JSON', async () => {
  writeEntry(at.home, 'apache-deny', V4, { note: '\u009b2J\u202e', failed: 'x\u009b' });
  for (const args of [
    ['status', '--json'],
    ['sweep', '--json'],
  ]) {
    const { stdout } = await runCommand(host, at.home, ...args);
    assert.not.match(stdout, /[\u007f-\u009f\u202e]/);
    assert.match(stdout, '\\u009b');
  }
});

test('exits with 1 when there is only a damaged entry', async () => {
  writeEntry(at.home, 'apache-deny', V4, { until: 'nonsense' });
  assert.is((await status()).status, 1);
});

test.run();
