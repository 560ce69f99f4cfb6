import * as assert from 'uvu/assert';
import { runWithArguments, runWithMessage } from '../lab/execd.ts';
import { eachOnItsOwnHost } from '../lab/fixtures.ts';
import type { Host } from '../lab/host.ts';
import type { Installation } from '../lab/installation.ts';
import { ossec, wazuh4 } from '../lab/managers.ts';
import { eventually } from '../lab/server.ts';
import { labSuite } from '../lab/suite.ts';

const ATTACKER = '198.51.100.7';
const DAY = 86_400;

const test = labSuite('how long a block lasts', 'nft');
let host: Host;
let at: Installation;

eachOnItsOwnHost(test, (...made) => ([host, at] = made));

const run = async (command: 'add' | 'delete', ...flags: string[]) =>
  (await runWithArguments(at, 'firewall-drop', [...flags, ...ossec(command, ATTACKER)])).status;

/** Seconds for which the kernel keeps the element; undefined for one without a timeout, or none. */
async function kernelTimeout(): Promise<number | undefined> {
  const { nftables } = JSON.parse(await host.run('nft -j list set inet riposte blocked4'));
  return nftables[1].set.elem?.[0]?.elem?.timeout;
}

/** What is left for the kernel of so many seconds: one or two may pass until it is told. */
async function kernelKeepsFor(seconds: number): Promise<void> {
  const timeout = (await kernelTimeout()) ?? Number.NaN;
  assert.ok(timeout <= seconds && timeout > seconds - 10, `${timeout} s, not ${seconds} s`);
}

test('by default until the manager says delete, when nothing is known of its timeouts', async () => {
  await run('add');
  assert.is(await kernelTimeout(), undefined);
  assert.is((await at.ledger('firewall-drop', ATTACKER))?.until, null);
});

test('by default the kernel ends it at the latest time of ar.conf, and five minutes later', async () => {
  await at.write(
    'etc/shared/ar.conf',
    'restart-ossec0 - restart-ossec.sh - 0\ndrop600 - firewall-drop.js - 600\ndrop60 - firewall-drop.js - 60\n',
  );
  await run('add');
  await kernelKeepsFor(900);
});

test('by default the longest of repeated_offenders counts', async () => {
  await at.write('etc/shared/ar.conf', 'drop600 - firewall-drop.js - 600\n');
  await at.write(
    'etc/ossec.conf',
    '<active-response><!-- <repeated_offenders>9999</repeated_offenders> --><repeated_offenders>30,60,120</repeated_offenders></active-response>\n',
  );
  await run('add');
  await kernelKeepsFor(120 * 60 + 300);
});

test('a response without a timeout lasts until somebody ends it', async () => {
  await at.write('etc/shared/ar.conf', 'drop600 - firewall-drop.js - 600\ndrop0 - firewall-drop.js - 0\n');
  await run('add');
  assert.is(await kernelTimeout(), undefined);
});

test('with BLOCK_FOR, Riposte keeps the time, and a second offence is blocked longer', async () => {
  await at.write('etc/riposte.conf', 'BLOCK_FOR=12s,7d\n');
  assert.is(await run('add'), 0);
  await kernelKeepsFor(12);
  assert.is(await run('delete'), 0);
  assert.match((await at.log()).at(-1) ?? '', 'kept: BLOCK_FOR keeps it until');
  assert.is((await at.ledger('firewall-drop', ATTACKER))?.offence, 1);
  await eventually('the kernel has ended it', async () => (await kernelTimeout()) === undefined);
  await eventually('its time is over', async () => {
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
    'an add while it is blocked is no new offence',
  );
});

test('with BLOCK_FOR, a severe rule is blocked for the last time at once', async () => {
  await at.write('etc/riposte.conf', 'BLOCK_FOR=1d,7d\nSEVERE_RULES=1,31151\n');
  await run('add');
  await kernelKeepsFor(7 * DAY);
});

test('with BLOCK_FOR, a lesser rule does not shorten what a severe one has set', async () => {
  await at.write('etc/riposte.conf', 'BLOCK_FOR=1d,7d\nSEVERE_RULES=31151\n');
  await run('add');
  const severe = await at.ledger('firewall-drop', ATTACKER);
  await runWithArguments(at, 'firewall-drop', ['add', '-', ATTACKER, '1.3', '31152', '/var/log/x', '-']);
  assert.is((await at.ledger('firewall-drop', ATTACKER))?.until, severe?.until);
});

test('with BLOCK_FOR, a severe level that Wazuh tells counts as well', async () => {
  const message = wazuh4('add', ATTACKER, ['--block-for', '1d,7d', '--severe-level', '7']);
  await runWithMessage(at, 'firewall-drop', message);
  await kernelKeepsFor(7 * DAY);
});

test('a late delete of an earlier alert leaves the block of a later one alone', async () => {
  const of = (alert: string) => [ATTACKER, alert, '31151', '/var/log/x', '-'];
  await runWithArguments(at, 'firewall-drop', ['add', '-', ...of('1795177843.24')]);
  await runWithArguments(at, 'firewall-drop', ['delete', '-', ...of('1795177797.11')]);
  assert.match((await at.log()).at(-1) ?? '', 'kept: alert 1795177843.24 has blocked it since');
  assert.match(await host.run('nft list set inet riposte blocked4'), ATTACKER);
  await runWithArguments(at, 'firewall-drop', ['delete', '-', ...of('1795177843.24')]);
  assert.is(await at.ledger('firewall-drop', ATTACKER), undefined);
});

test('the delete of one alert and the add of the next, at the same moment, leave the address blocked', async () => {
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

test('a sweep ends what is over, which a route does not do by itself, and says nothing otherwise', async () => {
  const routeNull = (...args: string[]) => runWithArguments(at, 'route-null', args);
  await routeNull('--block-for', '1s', 'add', '-', ATTACKER);
  await routeNull('add', '-', '198.51.100.8');
  await new Promise((resolve) => setTimeout(resolve, 1200));
  assert.match((await routeNull('--list')).stdout, /198\.51\.100\.7 +route +over/);
  const { status, stdout } = await routeNull('--sweep');
  assert.is(status, 0);
  assert.match(stdout, `${ATTACKER}: unblocked: its time is over`);
  assert.is(await host.run('ip route show proto 117'), 'unreachable 198.51.100.8 ');
  const lines = (await at.log()).length;
  assert.is((await routeNull('--sweep')).stdout, '');
  assert.is((await at.log()).length, lines);
});

test('a sweep makes good what has failed', async () => {
  await runWithArguments(at, 'firewall-drop', ['--backend', 'nftables', ...ossec('add', ATTACKER)], {
    env: { PATH: '/nonexistent' },
  });
  assert.ok((await at.ledger('firewall-drop', ATTACKER))?.failed);
  assert.match(
    (await runWithArguments(at, 'firewall-drop', ['--sweep'])).stdout,
    'made good what had failed',
  );
  assert.match(await host.run('nft list set inet riposte blocked4'), ATTACKER);
  assert.is((await at.ledger('firewall-drop', ATTACKER))?.failed, undefined);
});

test('an offence is counted over a delete', async () => {
  await run('add');
  await run('delete');
  await run('add', '--block-for', '1h,2h');
  await kernelKeepsFor(7200);
});

test('a block that ipset cannot time is as long as it can be', async () => {
  await run('add', '--backend', 'ipset', '--block-for', '52w');
  assert.match(await host.run('ipset list riposte4'), `${ATTACKER} timeout 21474`);
});

test.run();
