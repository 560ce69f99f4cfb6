import * as assert from 'uvu/assert';
import { runWithArguments, runWithMessage } from '../lab/execd.ts';
import { eachOnItsOwnHost } from '../lab/fixtures.ts';
import type { Host } from '../lab/host.ts';
import type { Installation } from '../lab/installation.ts';
import { ossec, wazuh4 } from '../lab/managers.ts';
import { eventually, verb } from '../lab/server.ts';
import { labSuite } from '../lab/suite.ts';
import { leftToAll } from '../runner/share.ts';

const ATTACKER = '198.51.100.7';
const DAY = 86_400;

const test = labSuite('the duration of a block', 'nft');
const inAll = leftToAll(test);
let host: Host;
let at: Installation;

eachOnItsOwnHost(test, (...made) => ([host, at] = made));

const run = async (command: 'add' | 'delete', ...flags: string[]) =>
  (await runWithArguments(at, 'firewall-drop', [...flags, ...ossec(command, ATTACKER)])).status;

/** The seconds for which the kernel keeps the element; undefined when there is no element, or it has no timeout. */
async function kernelTimeout(): Promise<number | undefined> {
  const { nftables } = JSON.parse(await host.run('nft -j list set inet riposte blocked4'));
  return nftables[1].set.elem?.[0]?.elem?.timeout;
}

/** Asserts that the kernel keeps the block for this many seconds, or at most a minute less. */
async function kernelKeepsFor(seconds: number): Promise<void> {
  const timeout = (await kernelTimeout()) ?? Number.NaN;
  const passed = Math.min(60, seconds - 2);
  assert.ok(timeout <= seconds && timeout > seconds - passed, `${timeout} s, not ${seconds} s`);
}

test('blocks until the manager’s delete when its timeouts are unknown', async () => {
  await run('add');
  assert.is(await kernelTimeout(), undefined);
  assert.is((await at.ledger('firewall-drop', ATTACKER))?.until, null);
});

test('lets the kernel end a block five minutes after the longest time of ar.conf', async () => {
  await at.write(
    'etc/shared/ar.conf',
    'restart-ossec0 - restart-ossec.sh - 0\ndrop600 - firewall-drop.js - 600\ndrop60 - firewall-drop.js - 60\n',
  );
  await run('add');
  await kernelKeepsFor(900);
});

inAll('uses the longest time of repeated_offenders', async () => {
  await at.write('etc/shared/ar.conf', 'drop600 - firewall-drop.js - 600\n');
  await at.write(
    'etc/ossec.conf',
    '<active-response><!-- <repeated_offenders>9999</repeated_offenders> --><repeated_offenders>30,60,120</repeated_offenders></active-response>\n',
  );
  await run('add');
  await kernelKeepsFor(120 * 60 + 300);
});

inAll('sets no end time when the response has no timeout', async () => {
  await at.write('etc/shared/ar.conf', 'drop600 - firewall-drop.js - 600\ndrop0 - firewall-drop.js - 0\n');
  await run('add');
  assert.is(await kernelTimeout(), undefined);
});

test('keeps the time, and blocks a second offence longer, when BLOCK_FOR is set', async () => {
  await at.write('etc/riposte.conf', 'BLOCK_FOR=12s,7d\n');
  assert.is(await run('add'), 0);
  await kernelKeepsFor(12);
  assert.is(await run('delete'), 0);
  assert.match((await at.log()).at(-1) ?? '', 'kept: BLOCK_FOR keeps it until');
  assert.is((await at.ledger('firewall-drop', ATTACKER))?.offence, 1);
  await eventually('the kernel has ended the block', async () => (await kernelTimeout()) === undefined);
  await eventually('the block has expired', async () => {
    const block = await at.ledger('firewall-drop', ATTACKER);
    return block === undefined || Date.parse(String(block.until)) < Date.now();
  });
  assert.is(await run('add'), 0);
  await kernelKeepsFor(7 * DAY);
  assert.is((await at.ledger('firewall-drop', ATTACKER))?.offence, 2);
  assert.is(await run('add'), 0);
  assert.is(
    (await at.ledger('firewall-drop', ATTACKER))?.offence,
    2,
    'an add for a blocked address is not a new offence',
  );
});

test('blocks for the longest time at once when the rule is severe', async () => {
  await at.write('etc/riposte.conf', 'BLOCK_FOR=1d,7d\nSEVERE_RULES=1,31151\n');
  await run('add');
  await kernelKeepsFor(7 * DAY);
});

inAll('keeps the time of a severe rule when a lesser rule follows', async () => {
  await at.write('etc/riposte.conf', 'BLOCK_FOR=1d,7d\nSEVERE_RULES=31151\n');
  await run('add');
  const severe = await at.ledger('firewall-drop', ATTACKER);
  await runWithArguments(at, 'firewall-drop', ['add', '-', ATTACKER, '1.3', '31152', '/var/log/x', '-']);
  assert.is((await at.ledger('firewall-drop', ATTACKER))?.until, severe?.until);
});

inAll('blocks for the longest time when Wazuh sends a severe level', async () => {
  const message = wazuh4('add', ATTACKER, ['--block-for', '1d,7d', '--severe-level', '7']);
  await runWithMessage(at, 'firewall-drop', message);
  await kernelKeepsFor(7 * DAY);
});

test('keeps the block of a later alert when the delete of an earlier alert comes late', async () => {
  const of = (alert: string) => [ATTACKER, alert, '31151', '/var/log/x', '-'];
  await runWithArguments(at, 'firewall-drop', ['add', '-', ...of('1795177843.24')]);
  await runWithArguments(at, 'firewall-drop', ['delete', '-', ...of('1795177797.11')]);
  assert.match((await at.log()).at(-1) ?? '', 'kept: alert 1795177843.24 has blocked it since');
  assert.match(await host.run('nft list set inet riposte blocked4'), ATTACKER);
  await runWithArguments(at, 'firewall-drop', ['delete', '-', ...of('1795177843.24')]);
  assert.is(await at.ledger('firewall-drop', ATTACKER), undefined);
});

test('keeps the address blocked when the delete of an alert and the add of the next alert come at the same time', async () => {
  await at.write('etc/riposte.conf', 'COMMAND_TIMEOUT=2m\n'); // each process waits for the others
  const targets = Array.from({ length: 20 }, (_, index) => `198.51.101.${index}`);
  const send = (command: string, target: string, alert: string) =>
    runWithArguments(at, 'firewall-drop', [command, '-', target, alert, '31151', '/var/log/x', '-']);
  await Promise.all(targets.map((target) => send('add', target, '1795177797.11')));
  await Promise.all(
    targets.flatMap((target) => [
      send('delete', target, '1795177797.11'),
      send('add', target, '1795177843.24'),
    ]),
  );
  const { stdout } = await runWithArguments(at, 'firewall-drop', ['--list']);
  assert.is(stdout.match(/ {2}yes {2}/g)?.length, targets.length, stdout);
});

test('ends expired routes in a sweep, and reports nothing else', async () => {
  const routeNull = (...args: string[]) => runWithArguments(at, 'route-null', args);
  await routeNull('--block-for', '1s', 'add', '-', ATTACKER);
  await routeNull('add', '-', '198.51.100.8');
  await new Promise((resolve) => setTimeout(resolve, 1200));
  assert.match((await routeNull('--list')).stdout, /198\.51\.100\.7 +route +over/);
  const { status, stdout } = await routeNull('--sweep');
  assert.is(status, 0);
  assert.match(stdout, `${ATTACKER}: unblocked: the block since `);
  assert.is(await host.run('ip route show proto 117'), 'unreachable 198.51.100.8 ');
  const lines = (await at.log()).length;
  assert.is((await routeNull('--sweep')).stdout, '');
  assert.is((await at.log()).length, lines);
});

inAll('repairs a failed block in a sweep', async () => {
  await runWithArguments(at, 'firewall-drop', ['--backend', 'nftables', ...ossec('add', ATTACKER)], {
    env: { PATH: '/nonexistent' },
  });
  assert.ok((await at.ledger('firewall-drop', ATTACKER))?.failed);
  assert.match((await runWithArguments(at, 'firewall-drop', ['--sweep'])).stdout, 'retried after a failure');
  assert.match(await host.run('nft list set inet riposte blocked4'), ATTACKER);
  assert.is((await at.ledger('firewall-drop', ATTACKER))?.failed, undefined);
});

inAll('counts offences across a delete', async () => {
  await run('add');
  await run('delete');
  await run('add', '--block-for', '1h,2h');
  await kernelKeepsFor(7200);
});

test('blocks for ipset’s longest time when BLOCK_FOR is longer', async () => {
  await run('add', '--backend', 'ipset', '--block-for', '52w');
  assert.match(await host.run('ipset list riposte4'), `${ATTACKER} timeout 21474`);
});

for (const backend of ['nftables', 'ipset'])
  test(`blocks by ${backend} for ten years, and finds all blocks in force at the second sweep after a flush`, async () => {
    await at.write('etc/riposte.conf', `FIREWALL_BACKEND=${backend}\n`);
    const addresses = [ATTACKER, '198.51.100.0/25', '2001:db8::7'];
    const { stderr } = await verb(at, ['block', ...addresses, '--for', '3650d']);
    assert.is(stderr, '');
    if (backend === 'nftables') await kernelKeepsFor(3650 * DAY);
    else assert.match(await host.run('ipset list riposte4'), `${ATTACKER} timeout 2147`);
    await host.run(backend === 'nftables' ? 'nft flush ruleset' : 'ipset flush riposte4');
    assert.match(String((await verb(at, ['sweep'])).stdout), / restored: /);
    assert.not.match(String((await verb(at, ['status'])).stdout), /\bNO\b/);
    const sweep = await verb(at, ['sweep']);
    assert.equal([sweep.exitCode, sweep.stdout, sweep.stderr], [0, '', '']);
  });

test('blocks for ever with --for or BLOCK_FOR, and keeps the block when a manager deletes it', async () => {
  await verb(at, ['block', ATTACKER, '--for', 'forever']);
  assert.is((await at.ledger('firewall-drop', ATTACKER))?.until, null);
  await verb(at, ['unblock', ATTACKER]);
  await at.write('etc/riposte.conf', 'BLOCK_FOR=1d,forever\n');
  await run('add');
  assert.is(await kernelTimeout(), undefined);
  await run('delete');
  assert.match((await at.log()).at(-1) ?? '', 'kept: BLOCK_FOR keeps it for ever');
  assert.is((await at.ledger('firewall-drop', ATTACKER))?.until, null);
  await run('add');
  assert.is((await at.ledger('firewall-drop', ATTACKER))?.until, null);
  await verb(at, ['unblock', ATTACKER]);
  assert.is(await at.ledger('firewall-drop', ATTACKER), undefined);
});

test('keeps a block until its time is over when a stopping manager deletes it and RELEASE_ON_STOP=no', async () => {
  await at.write(
    'etc/shared/ar.conf',
    'drop600 - firewall-drop.js - 600\ndrop900 - firewall-drop.js - 900\n',
  );
  await at.write('etc/riposte.conf', 'RELEASE_ON_STOP=no\n');
  await run('add');
  assert.is(await run('delete'), 0);
  assert.match((await at.log()).at(-1) ?? '', 'kept: RELEASE_ON_STOP=no keeps it until ');
  await kernelKeepsFor(1200);
  // Change the entry as if the block were 600 seconds old: the shorter of the two timeouts is over.
  const file = `var/riposte/blocks/firewall-drop/${ATTACKER}.json`;
  const until = new Date(Date.now() + 599_000).toISOString();
  await at.write(file, JSON.stringify({ ...(await at.ledger('firewall-drop', ATTACKER)), until }));
  assert.is(await run('delete'), 0);
  assert.match((await at.log()).at(-1) ?? '', ' unblocked: ');
  assert.is(await kernelTimeout(), undefined);
});

test('obeys a stopping manager’s delete when there is no ar.conf, and by default', async () => {
  await at.write('etc/riposte.conf', 'RELEASE_ON_STOP=no\n');
  await run('add');
  await run('delete');
  assert.match((await at.log()).at(-1) ?? '', ' unblocked: ');
  await at.write('etc/shared/ar.conf', 'drop600 - firewall-drop.js - 600\n');
  await at.write('etc/riposte.conf', '');
  await run('add');
  await run('delete');
  assert.match((await at.log()).at(-1) ?? '', ' unblocked: ');
});

test.run();
