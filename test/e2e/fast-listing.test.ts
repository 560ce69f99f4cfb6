import * as assert from 'uvu/assert';
import { directoryOfPrograms } from '../active-response/support.ts';
import { addressOf, inHours, writeEntry } from '../cli/ledger-files.ts';
import { runCommand, runCommandWith } from '../lab/command.ts';
import { eachOnItsOwnHost } from '../lab/fixtures.ts';
import type { Host } from '../lab/host.ts';
import type { Installation } from '../lab/installation.ts';
import { labSuite } from '../lab/suite.ts';
import { PATH } from '../lab/tools.ts';

const test = labSuite('the listing of nftables by the kernel’s own answers', 'nft', 'perl');
let host: Host;
let at: Installation;

eachOnItsOwnHost(test, (...made) => ([host, at] = made));

const PREFIXES = ['198.51.100.0/24', '2001:db8:1::/48'];
const SEND = `const socket = require('node:dgram').createSocket('udp4');
  socket.bind(0, process.argv[1], () => socket.send('x', 9, '127.0.0.1', () => socket.close()));`;

/** A PATH in which these programs come first. */
const pathWith = (scripts: Record<string, string>) => `${directoryOfPrograms(scripts)}:${PATH}`;

async function statusWith(path: string) {
  const { status, stdout } = await runCommandWith({ PATH: path }, host, at.home, 'status', '--json');
  return { status, ...JSON.parse(stdout) };
}

test('lists the same as nft, with counters, and needs no Perl', async () => {
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

test('falls back to nft when Perl prints another text', async () => {
  writeEntry(at.home, 'firewall-drop', addressOf(0));
  await runCommand(host, at.home, 'restore');
  for (const perl of ['exit 0', 'echo 00; echo 00', 'echo; echo', 'head -c 4096 /dev/zero'])
    assert.is((await statusWith(pathWith({ perl }))).status, 0, perl);
});

test('finds flushed elements and rules, and a missing table', async () => {
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

test.run();
