import * as assert from 'uvu/assert';
import { directoryOfPrograms } from '../active-response/support.ts';
import { addressOf, inHours, writeEntry } from '../cli/ledger-files.ts';
import { runCommand, runCommandWith } from '../lab/command.ts';
import { eachOnItsOwnHost } from '../lab/fixtures.ts';
import { Host } from '../lab/host.ts';
import type { Installation } from '../lab/installation.ts';
import { eventually } from '../lab/server.ts';
import { labSuite } from '../lab/suite.ts';
import { PATH } from '../lab/tools.ts';

const test = labSuite('the listing of nftables from the kernel’s own answers', 'nft', 'perl');
let host: Host;
let at: Installation;

eachOnItsOwnHost(test, (...made) => ([host, at] = made));

const PREFIXES = ['198.51.100.0/24', '2001:db8:1::/48'];
const SEND = `const socket = require('node:dgram').createSocket('udp4');
  socket.bind(0, process.argv[1], () => socket.send('x', 9, '127.0.0.1', () => socket.close()));`;

/** A PATH in which these scripts come first. */
const pathWith = (scripts: Record<string, string>) => `${directoryOfPrograms(scripts)}:${PATH}`;

async function statusWith(path: string) {
  const { status, stdout } = await runCommandWith({ PATH: path }, host, at.home, 'status', '--json');
  return { status, ...JSON.parse(stdout) };
}

test('lists the same elements and counters from the kernel as nft does, and works without Perl', async () => {
  for (let number = 0; number < 3000; number++)
    writeEntry(at.home, 'firewall-drop', addressOf(number), { until: number % 2 ? inHours(1) : null });
  for (const prefix of PREFIXES) writeEntry(at.home, 'firewall-drop', prefix);
  await runCommand(host, at.home, 'restore');
  await host.run('ip address add 198.18.0.5/32 dev lo');
  await host.start([process.execPath, '-e', SEND, '198.18.0.5'], {});
  await host.run('nft add element inet riposte blocked4 { 192.0.2.1, 192.0.2.2 timeout 1h }');
  await host.run('nft delete element inet riposte blocked6 { 2001:db8:7::4 }');
  const asked = `${directoryOfPrograms({})}/asked`;
  const byKernel = await statusWith(pathWith({ nft: `echo "$*" >> ${asked}; exec /usr/sbin/nft "$@"` }));
  const byNft = await statusWith(pathWith({ perl: 'exit 2' }));
  assert.equal(byKernel, byNft);
  assert.not.match(await host.run(`cat ${asked}`), 'list table');
  assert.is(byKernel.blocks.length, 3002);
  assert.equal(byKernel.strays.map(({ address }: { address: string }) => address).sort(), [
    '192.0.2.1',
    '192.0.2.2',
  ]);
  const stateOf = (text: string) =>
    byKernel.blocks.find(({ address }: { address: string }) => address === text);
  assert.is(stateOf('198.18.0.5').packets, 1);
  assert.is(stateOf('2001:db8:7::4').inForce, 'NO');
  for (const prefix of PREFIXES) assert.is(stateOf(prefix).inForce, 'yes');
});

test('falls back to nft when Perl prints an unexpected text', async () => {
  writeEntry(at.home, 'firewall-drop', addressOf(0));
  await runCommand(host, at.home, 'restore');
  for (const perl of ['exit 0', 'echo 00; echo 00', 'echo; echo', 'head -c 4096 /dev/zero'])
    assert.is((await statusWith(pathWith({ perl }))).status, 0, perl);
});

test('finds and restores flushed elements and rules, and a missing table', async () => {
  for (let number = 0; number < 4; number++) writeEntry(at.home, 'firewall-drop', addressOf(number));
  for (const damage of [
    'flush set inet riposte blocked4',
    'flush table inet riposte',
    'delete table inet riposte',
  ]) {
    await runCommand(host, at.home, 'restore');
    await host.run(`nft ${damage}`);
    assert.match((await runCommand(host, at.home, 'status')).stdout, /not in force, but in the ledger/);
    assert.match((await runCommand(host, at.home, 'sweep')).stdout, /198\.18\.0\.0: restored/);
    assert.match((await runCommand(host, at.home, 'status')).stdout, '4 blocked: 4 in force');
  }
});

/** Restores 1,000 blocks from 198.18.0.0 on: with that many elements, Riposte keeps the listing for the next sweep. */
async function restoreMany() {
  for (let number = 0; number < 1_000; number++) writeEntry(at.home, 'firewall-drop', addressOf(number));
  await runCommand(host, at.home, 'restore');
}

/** Sweeps twice without a change, makes a change, and asserts that the metrics and the next sweep find it. */
async function sweepsAgain(change: () => Promise<unknown>, restored: RegExp) {
  await runCommand(host, at.home, 'sweep');
  assert.is((await runCommand(host, at.home, 'sweep')).stdout, '');
  assert.match((await runCommand(host, at.home, 'metrics')).stdout, /state="missing"} 0$/m);
  await change();
  assert.match((await runCommand(host, at.home, 'metrics')).stdout, /state="missing"} [1-9]/);
  assert.match((await runCommand(host, at.home, 'sweep')).stdout, restored);
  assert.match((await runCommand(host, at.home, 'metrics')).stdout, /state="missing"} 0$/m);
}

test('lists the elements again after each change of a set, even by another program', async () => {
  writeEntry(at.home, 'firewall-drop', '198.51.100.0/24');
  await restoreMany();
  const asked = `${directoryOfPrograms({})}/asked`;
  const path = pathWith({ perl: `/usr/bin/perl "$@" | tee -a ${asked}` });
  const sizeAfter = async (verb: string) => {
    await host.run(`truncate -s 0 ${asked}`);
    await runCommandWith({ PATH: path }, host, at.home, verb);
    return Number(await host.run(`stat -c %s ${asked}`));
  };
  const [first, second] = [await sizeAfter('sweep'), await sizeAfter('metrics')];
  const whole = await sizeAfter('status'); // status lists all elements again, because it shows their counters
  assert.ok(first === second && second < whole, `${first}, ${second} and ${whole} bytes`);
  for (const [change, restored] of [
    ['delete element inet riposte blocked4 { 198.18.0.2 }', /198\.18\.0\.2: restored/],
    ['flush set inet riposte blocked4', /198\.18\.0\.0: restored/],
    ['flush set inet riposte wide4', /198\.51\.100\.0\/24: restored/],
    ['flush set inet riposte network4_24', /198\.51\.100\.0\/24: restored/],
    ['flush chain inet riposte block', /198\.18\.0\.0: restored/],
    ['delete table inet riposte', /198\.18\.0\.0: restored/],
  ] as const)
    await sweepsAgain(() => host.run(`nft ${change}`), restored);
  await host.run('nft add element inet riposte blocked4 { 192.0.2.1 }');
  assert.match((await runCommand(host, at.home, 'sweep')).stdout, /192\.0\.2\.1: unblocked/);
});

test('restores an element that has expired too early in the kernel, although no program has changed the set', async () => {
  await restoreMany();
  await sweepsAgain(async () => {
    const renewed = 'add element inet riposte blocked4 { 198.18.0.1 timeout 3s }';
    await host.start(['nft', '-f', '-'], {
      input: `delete element inet riposte blocked4 { 198.18.0.1 }\n${renewed}\n`,
    });
    await runCommand(host, at.home, 'metrics'); // Riposte keeps a listing that contains the end time of the element
    await eventually(
      'the kernel ends the element',
      async () => !/198\.18\.0\.1\b/.test(await host.run('nft list set inet riposte blocked4')),
    );
  }, /198\.18\.0\.1: restored/);
});

test('uses no listing of another network namespace', async () => {
  await restoreMany();
  await runCommand(host, at.home, 'sweep');
  const after = await Host.create('after');
  // Both namespaces have had the same number of transactions, so their sets have the same generation.
  await after.start(['nft', '-f', '-'], { input: await host.run('nft list table inet riposte') });
  await after.run('nft flush set inet riposte blocked4');
  assert.match((await runCommand(after, at.home, 'sweep')).stdout, /198\.18\.0\.0: restored/);
  await after.remove();
});

test('sweeps without Perl when Perl has failed since the last listing', async () => {
  await restoreMany();
  await runCommand(host, at.home, 'sweep');
  await host.run('nft flush set inet riposte blocked4');
  for (const perl of ['exit 2', 'exit 0', 'echo', 'head -c 4096 /dev/zero']) {
    const { stdout } = await runCommandWith({ PATH: pathWith({ perl }) }, host, at.home, 'sweep');
    assert.match(stdout, /198\.18\.0\.0: restored/, perl);
    await host.run('nft flush set inet riposte blocked4');
  }
});

test.run();
