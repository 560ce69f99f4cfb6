import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { runWithArguments } from '../lab/execd.ts';
import { eachOnItsOwnHost } from '../lab/fixtures.ts';
import type { Host } from '../lab/host.ts';
import type { Installation } from '../lab/installation.ts';
import { ossec } from '../lab/managers.ts';
import { RunningDaemon } from '../lab/running-daemon.ts';
import { verb } from '../lab/server.ts';
import { labSuite } from '../lab/suite.ts';
import { PATH } from '../lab/tools.ts';

/** The messages of nft when the kernel has no nf_tables (OpenVZ, old LXC), and when its nf_tables is too old. */
const MESSAGES = [
  'netlink.c:64: Unable to initialize Netlink socket: Protocol not supported',
  '/dev/stdin:2:1-80: Error: Could not process rule: Operation not supported',
];

const test = labSuite('a kernel without nf_tables', 'ipset', 'iptables');
let host: Host;
let at: Installation;
let env: { PATH: string };

eachOnItsOwnHost(test, (...made) => ([host, at] = made));
test.before.each(() => {
  env = { PATH: `${join(at.home, 'bin')}:${PATH}` };
});

async function breakNft(message = MESSAGES[0]): Promise<void> {
  await at.write('bin/nft', `#!/bin/sh\necho '${message}' >&2\nexit 1\n`);
  await chmod(join(at.home, 'bin/nft'), 0o755);
}

const run = (command: 'add' | 'delete', address: string, ...flags: string[]) =>
  runWithArguments(at, 'firewall-drop', [...flags, ...ossec(command, address)], { env });

for (const message of MESSAGES)
  test(`auto blocks by ipset, and logs the reason, when nft prints: ${message}`, async () => {
    await breakNft(message);
    assert.is((await run('add', '198.51.100.7')).status, 0);
    assert.match(await host.run('ipset list riposte4'), '198.51.100.7');
    assert.match((await at.log()).join(), / blocked: .*, by ipset; nftables does not work here: nft: /);
    assert.is((await at.ledger('firewall-drop', '198.51.100.7'))?.failed, undefined);
    assert.is((await at.log()).length, 1);
    const sweep = await verb(at, ['sweep'], env);
    assert.equal([sweep.exitCode, sweep.stdout, sweep.stderr], [0, '', '']);
    assert.match(String((await verb(at, ['status'], env)).stdout), /198\.51\.100\.7 +firewall-drop/);
    assert.is((await run('delete', '198.51.100.7')).status, 0);
    assert.not.match(await host.run('ipset list riposte4'), '198.51.100.7');
  });

test('the daemon blocks a batch by ipset, too', async () => {
  await breakNft();
  const daemon = at.daemon ?? (await RunningDaemon.start(at.home, host));
  const addresses = Array.from({ length: 10 }, (_, n) => `198.51.100.${n}`);
  try {
    await Promise.all(addresses.map((address) => run('add', address)));
    const listed = await host.run('ipset list riposte4');
    for (const address of addresses) assert.match(listed, address);
  } finally {
    if (!at.daemon) await daemon.end();
  }
});

test('fails with nft’s message when nftables is configured', async () => {
  await breakNft();
  const { status, stderr } = await run('add', '198.51.100.7', '--backend', 'nftables');
  assert.is(status, 69);
  assert.match(stderr, 'Protocol not supported');
});

test('auto does not choose ipset when nft refuses for another reason', async () => {
  await breakNft('Error: Operation not permitted (you must be root)');
  assert.is((await run('add', '198.51.100.7')).status, 77);
});

test('doctor names the backend that blocks', async () => {
  await breakNft();
  const { stdout } = await verb(at, ['doctor', '--skip-test'], env);
  assert.match(String(stdout), /firewall-drop blocks by ipset: 0 blocked now; nft: .*Protocol not supported/);
  assert.match(
    String(stdout),
    /FIREWALL_BACKEND=ipset in riposte\.conf avoids a failed attempt at each block/,
  );
});

test.run();
