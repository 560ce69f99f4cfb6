import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { type CommandEnded, runCommand } from '../lab/command.ts';
import { runWithArguments } from '../lab/execd.ts';
import { eachOnItsOwnHost } from '../lab/fixtures.ts';
import { Host } from '../lab/host.ts';
import type { Installation } from '../lab/installation.ts';
import { ossec } from '../lab/managers.ts';
import { labSuite } from '../lab/suite.ts';
import { leftToAll, SHARE, someOf } from '../runner/share.ts';
import { addressOf, inHours, writeEntry } from './ledger-files.ts';

const test = labSuite('sweep', 'nft');
const inAll = leftToAll(test);
let host: Host;
let at: Installation;

eachOnItsOwnHost(test, (...made) => ([host, at] = made));

const riposte = (...args: string[]) => runCommand(host, at.home, ...args);
const add = async (response: string, ...addresses: string[]) => {
  for (const address of addresses) await runWithArguments(at, response, ossec('add', address));
};
const rules = () =>
  host.start(['nft', '--stateless', 'list', 'ruleset'], {}).then(({ stdout }) => String(stdout));
/** The rule set with its elements sorted, because a set lists them in any order. */
const sorted = (text: string) =>
  text.replace(/elements = \{([^}]*)\}/g, (_, all: string) =>
    all
      .split(',')
      .map((each) => each.trim())
      .sort()
      .join(),
  );
const MAP = 'var/riposte/apache/deny.map';
const denied = async () =>
  [...(await at.read(MAP)).matchAll(/^([0-9a-f.:]+) deny$/gm)].map(([, address]) => address);

/** The changes, as sorted lines without the reasons. */
function done({ status, stdout, stderr }: CommandEnded): string[] {
  assert.is(status, 0, stderr);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(': ').slice(0, 3).join(' '))
    .sort();
}

/** Fails unless `sweep` prints nothing when it runs again, and `status` finds no difference. */
async function checkAllIsWell(): Promise<void> {
  const again = await riposte('sweep');
  assert.equal([again.status, again.stdout, again.stderr], [0, '', '']);
  const { status, stdout } = await riposte('status');
  assert.is(status, 0, stdout);
}

const V4 = '203.0.113.7';
const V6 = '2001:db8:113::7';
const NET = '198.51.100.0/24';
const NET6 = '2001:db8:7::/48';

test('does and prints nothing when no address was ever blocked', async () => {
  for (const verb of ['sweep', 'restore']) {
    const { status, stdout, stderr } = await riposte(verb);
    assert.equal([status, stdout, stderr], [0, '', '']);
  }
  assert.equal(await at.files(), []);
  assert.is(await rules(), '');
});

test('changes no file and no rule when all blocks are in force', async () => {
  await add('firewall-drop', V4, V6, NET);
  await add('route-null', V4, V6);
  await add('apache-deny', V4, V6);
  const before = [await rules(), await at.files(), await at.log()];
  await checkAllIsWell();
  assert.equal([await rules(), await at.files(), await at.log()], before);
});

for (const [damage, restored] of someOf([
  ['flush table inet riposte', [NET, NET6, V6, V4]],
  ['delete table inet riposte', [NET, NET6, V6, V4]],
  ['flush chain inet riposte verdict', [NET, NET6, V6, V4]],
  ['flush chain inet riposte block', [NET, NET6, V6, V4]],
  ['delete chain inet riposte block', [NET, NET6, V6, V4]],
  ['flush chain inet riposte prefixes', [NET, NET6]],
  ['flush set inet riposte blocked4', [V4]],
  [`delete element inet riposte blocked6 { ${V6} }`, [V6]],
  ['flush set inet riposte network4_24', [NET]],
  ['flush set inet riposte wide4', [NET]],
  ['flush set inet riposte wide6', [NET6]],
  ['flush chain inet riposte networks4', [NET]],
] as const)) {
  test(`repairs the rule set after 'nft ${damage}'`, async () => {
    await add('firewall-drop', V4, V6, NET, NET6);
    const whole = sorted(await rules());
    await host.run(`nft ${damage}`);
    assert.is.not(sorted(await rules()), whole);
    assert.is((await riposte('status')).status, 1);
    assert.equal(
      done(await riposte('sweep')),
      restored.map((address) => `firewall-drop ${address} restored`).sort(),
    );
    assert.is(sorted(await rules()), whole);
    await checkAllIsWell();
  });
}

test('removes an element that an administrator has added, and leaves a foreign table alone', async () => {
  await add('firewall-drop', V4);
  await host.run('nft add table inet mine');
  await host.run('nft add set inet mine blocked4 { type ipv4_addr; elements = { 198.51.100.9 } }');
  await host.run('nft add element inet riposte blocked4 { 198.51.100.9 }');
  assert.match(
    (await riposte('status')).stdout,
    /in force, but not in the ledger:\n +198\.51\.100\.9 {2}\(firewall-drop/,
  );
  assert.equal(done(await riposte('sweep')), ['firewall-drop 198.51.100.9 unblocked']);
  assert.not.match(await host.run('nft list set inet riposte blocked4'), '198.51.100.9');
  assert.match(await host.run('nft list set inet mine blocked4'), '198.51.100.9');
  await checkAllIsWell();
});

test('keeps, renews and ends the block of a network that an earlier version has made', async () => {
  const block = async () => assert.is((await riposte('block', NET, '--for', '1d')).status, 0);
  const elements = async (set: string) =>
    /elements = \{ (\S+)/.exec(await host.run(`nft list set inet riposte ${set}`))?.[1];
  const asEarlier = [
    'delete element inet riposte network4_24 { 198.51.100.0 }',
    'add set inet riposte blocked4_24 { type ipv4_addr; flags timeout; counter; }',
    'add rule inet riposte prefixes ip saddr & 255.255.255.0 @blocked4_24 goto verdict',
    'add element inet riposte blocked4_24 { 198.51.100.0 timeout 1d }',
  ];
  const earlier = () => host.start(['nft', '-f', '-'], { input: `${asEarlier.join('\n')}\n` });
  await block();
  await earlier();
  await checkAllIsWell();
  await block();
  assert.equal([await elements('network4_24'), await elements('blocked4_24')], ['198.51.100.0', undefined]);
  await checkAllIsWell();
  asEarlier.splice(1, 2); // the set and its rule are still there
  await earlier();
  assert.is((await riposte('unblock', NET)).status, 0);
  assert.equal([await elements('network4_24'), await elements('blocked4_24')], [undefined, undefined]);
  await checkAllIsWell();
  await block();
  asEarlier.shift(); // an old process still runs, and blocks the network, too
  await earlier();
  assert.is((await riposte('unblock', NET)).status, 0);
  assert.equal([await elements('network4_24'), await elements('blocked4_24')], [undefined, undefined]);
  await checkAllIsWell();
});

inAll('removes a stray of a flushed table in the same sweep', async () => {
  await add('firewall-drop', V4);
  await host.run('nft add element inet riposte blocked4 { 198.51.100.9 }');
  await host.run('nft flush table inet riposte');
  assert.equal(done(await riposte('sweep')), [
    'firewall-drop 198.51.100.9 unblocked',
    `firewall-drop ${V4} restored`,
  ]);
  await checkAllIsWell();
});

test('restores a deleted route, removes a stray route of Riposte, and keeps a foreign route', async () => {
  await add('route-null', V4, V6, '203.0.113.8');
  await host.run('ip link set lo up');
  await host.run(`ip route del ${V4}`);
  await host.run(`ip -6 route del ${V6}`);
  await host.run('ip route add blackhole 198.51.100.9 proto 117');
  await host.run('ip route add blackhole 198.51.100.10');
  await host.run('ip -6 route add blackhole 2001:db8:5::5');
  assert.equal(done(await riposte('sweep')), [
    'route-null 198.51.100.9 unblocked',
    `route-null ${V6} restored`,
    `route-null ${V4} restored`,
  ]);
  assert.equal(
    (await host.run('ip route'))
      .split('\n')
      .map((line) => line.trim())
      .sort(),
    ['blackhole 198.51.100.10', `unreachable ${V4} proto 117`, 'unreachable 203.0.113.8 proto 117'],
  );
  assert.match(await host.run('ip -6 route'), `unreachable ${V6} dev lo proto 117 metric 1 `);
  await checkAllIsWell();
});

test('fails only the block of an address with a foreign route, keeps the route, and logs one failure', async () => {
  await add('route-null', V4, '203.0.113.8');
  await host.run('ip route flush proto 117');
  await host.run(`ip route add ${V4} dev lo metric 7`);
  const first = await riposte('sweep');
  assert.is(first.status, 73);
  assert.match(first.stderr, `route-null: ${V4}: failed: another program's route for ${V4} exists already`);
  assert.match(first.stdout, 'route-null: 203.0.113.8: restored: ');
  assert.match(await host.run('ip route'), `${V4} dev lo scope link metric 7`);
  const lines = (await at.log()).length;
  const second = await riposte('sweep');
  assert.equal([second.status, second.stdout, second.stderr], [73, '', first.stderr.trim()]);
  assert.is((await at.log()).length, lines);
  await host.run(`ip route del ${V4}`);
  assert.equal(done(await riposte('sweep')), [`route-null ${V4} blocked`]);
  assert.is((await at.ledger('route-null', V4))?.failed, undefined);
  await checkAllIsWell();
});

test('repairs an edited map, and keeps the comments of the administrator', async () => {
  await add('apache-deny', V4, V6);
  const text = await at.read(MAP);
  await at.write(MAP, `# mine\n${text.replace(`${V4} deny\n`, '')}198.51.100.9 deny\n`);
  assert.equal(done(await riposte('sweep')), [
    'apache-deny 198.51.100.9 unblocked',
    `apache-deny ${V4} restored`,
  ]);
  assert.equal((await denied()).sort(), [V6, V4]);
  assert.match(await at.read(MAP), /^# mine\n/);
  await checkAllIsWell();
});

inAll('creates a missing map again', async () => {
  await add('apache-deny', V4, V6);
  rmSync(join(at.home, MAP));
  assert.equal(done(await riposte('sweep')), [`apache-deny ${V6} restored`, `apache-deny ${V4} restored`]);
  assert.equal((await denied()).sort(), [V6, V4]);
  await checkAllIsWell();
});

test('restores unexpired blocks after a reboot, for their remaining time', async () => {
  writeEntry(at.home, 'firewall-drop', V4, { until: inHours(2) });
  writeEntry(at.home, 'firewall-drop', V6);
  writeEntry(at.home, 'firewall-drop', NET, { until: inHours(1) });
  writeEntry(at.home, 'firewall-drop', '203.0.113.8', { until: inHours(-1) });
  writeEntry(at.home, 'route-null', V4, { until: inHours(2) });
  writeEntry(at.home, 'apache-deny', V4, { until: inHours(-1) });
  assert.equal(done(await riposte('restore')), [
    `apache-deny ${V4} unblocked`,
    `firewall-drop ${NET} restored`,
    `firewall-drop ${V6} restored`,
    `firewall-drop ${V4} restored`,
    'firewall-drop 203.0.113.8 unblocked',
    `route-null ${V4} restored`,
  ]);
  const listing = await host.run('nft list table inet riposte');
  assert.match(listing, new RegExp(`${V4} (counter packets 0 bytes 0 )?timeout (2h|1h59m)`));
  assert.match(listing, /198\.51\.100\.0 (counter packets 0 bytes 0 )?timeout (1h|59m)/);
  assert.not.match(listing, '203.0.113.8');
  assert.match((await at.log()).join('\n'), `${V4} - - restored: it was no longer in force; until `);
  await checkAllIsWell();
});

inAll('restores all blocks on another host with the same home', async () => {
  await add('firewall-drop', V4, V6, NET);
  await add('route-null', V4);
  const whole = sorted(await rules());
  const rebooted = await Host.create('rebooted');
  assert.is(done(await runCommand(rebooted, at.home, 'restore')).length, 4);
  assert.is(sorted(await rebooted.run('nft --stateless list ruleset')), whole);
  assert.match(await rebooted.run('ip route'), `unreachable ${V4} proto 117`);
  await rebooted.remove();
});

inAll('handles all other entries when one entry is damaged and a backend refuses another entry', async () => {
  writeEntry(at.home, 'firewall-drop', V4);
  writeEntry(at.home, 'firewall-drop', V6);
  writeFileSync(join(at.home, 'var/riposte/blocks/firewall-drop/203.0.113.9.json'), '{"address":');
  writeEntry(at.home, 'apache-deny', NET);
  writeEntry(at.home, 'apache-deny', V4);
  const { status, stdout, stderr } = await riposte('sweep');
  assert.is(status, 78);
  assert.match(
    stdout,
    /firewall-drop: 203\.0\.113\.9: unblocked: \S+203\.0\.113\.9\.json is damaged: it holds no block; it is in \S+\/damaged now/,
  );
  assert.match(stderr, `apache-deny: ${NET}: failed: ${NET}: a RewriteMap holds no prefixes`);
  assert.is(stdout.match(/: restored: /g)?.length, 3);
  assert.match(await host.run('nft list table inet riposte'), V6);
  assert.match((await at.ledger('apache-deny', NET))?.failed as string, 'holds no prefixes');
});

inAll('moves a block to the backend that the settings name', async () => {
  await add('firewall-drop', V4);
  writeEntry(at.home, 'firewall-drop', V4, { backend: 'ipset' });
  assert.equal(done(await riposte('sweep')), [
    `firewall-drop ${V4} restored`,
    `firewall-drop ${V4} unblocked`,
  ]);
  assert.match(await host.run('ipset list riposte4'), `${V4} timeout 0`);
  assert.not.match(await host.run('nft list set inet riposte blocked4'), V4);
  await checkAllIsWell();
  await host.run('iptables -t raw -F PREROUTING');
  assert.equal(done(await riposte('restore')), [`firewall-drop ${V4} restored`]);
  await checkAllIsWell();
});

/** The number of blocks of each response; three of four addresses are IPv4. */
const MANY = SHARE === 'quick' ? 200 : 1000;

test(`restores ${MANY} blocks of both families in one transaction`, async () => {
  for (let i = 0; i < MANY; i++) {
    writeEntry(at.home, 'firewall-drop', addressOf(i), { until: inHours(1) });
    writeEntry(at.home, 'route-null', addressOf(i));
    writeEntry(at.home, 'apache-deny', addressOf(i));
  }
  assert.is(done(await riposte('restore')).length, 3 * MANY);
  assert.is((await at.journal()).length, 3 * MANY);
  assert.is((await host.run('ip route show proto 117')).split('\n').length, 0.75 * MANY);
  assert.is((await denied()).length, MANY);
  await checkAllIsWell();
});

inAll('ends no block when the ledger was never written', async () => {
  await host.run('ip route add blackhole 198.51.100.9 proto 117');
  assert.equal(done(await riposte('sweep')), []);
  assert.match(await host.run('ip route'), '198.51.100.9');
});

test('shows the changes, and makes none, in a dry run', async () => {
  await add('firewall-drop', V4, NET);
  await add('route-null', V4);
  await add('apache-deny', V4);
  await host.run('nft flush table inet riposte');
  await host.run('ip route flush proto 117');
  await host.run('ip route add blackhole 198.51.100.9 proto 117');
  await at.write(MAP, '');
  writeEntry(at.home, 'apache-deny', V6, { until: inHours(-1) });
  const state = async () => [
    await rules(),
    await host.run('ip route'),
    await at.read(MAP),
    await at.files(),
    await at.log(),
  ];
  const before = await state();
  const { status, stdout } = await riposte('sweep', '--dry-run');
  assert.is(status, 0);
  assert.match(stdout, `firewall-drop: ${V4}: rehearsed: dry run: would be restored: `);
  assert.match(stdout, 'route-null: 198.51.100.9: rehearsed: dry run: would be unblocked: ');
  assert.match(stdout, `apache-deny: ${V6}: rehearsed: dry run: would be unblocked: the block since `);
  assert.match(stdout, 'would run: nft -f -');
  assert.equal(await state(), before);
  const json = (await riposte('sweep', '--dry-run', '--json')).stdout
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal([...new Set(json.map(({ outcome, dryRun }) => `${outcome} ${dryRun}`))].sort(), [
    'restored true',
    'unblocked true',
  ]);
  assert.equal(await state(), before);
});

inAll('handles only the response of --response', async () => {
  writeEntry(at.home, 'firewall-drop', V4);
  writeEntry(at.home, 'route-null', V4);
  assert.equal(done(await riposte('sweep', '--response', 'route-null')), [`route-null ${V4} restored`]);
  assert.is((await riposte('sweep', '--response', 'nobody')).status, 64);
  assert.is((await riposte('sweep', V4)).status, 64);
});

test('refuses to run without root, and changes nothing', async () => {
  writeEntry(at.home, 'firewall-drop', V4);
  const before = readFileSync(join(at.home, `var/riposte/blocks/firewall-drop/${V4}.json`), 'utf8');
  for (const verb of ['sweep', 'restore']) {
    const words = [process.execPath, 'dist/riposte.js', verb, '--home', at.home];
    const { exitCode, stderr, stdout } = await host.start(
      ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', ...words],
      {},
    );
    assert.equal([exitCode, stdout], [77, '']);
    assert.match(String(stderr), `riposte: ${verb} needs root: run it as root; nothing was changed`);
  }
  assert.is(readFileSync(join(at.home, `var/riposte/blocks/firewall-drop/${V4}.json`), 'utf8'), before);
  assert.is(await rules(), '');
});

inAll('makes the same changes when a script sweeps, and logs them', async () => {
  await add('firewall-drop', V4);
  await host.run('nft flush table inet riposte');
  const { status, stdout } = await runWithArguments(at, 'firewall-drop', ['--sweep']);
  assert.is(status, 0);
  assert.match(stdout, `firewall-drop: ${V4}: restored: it was no longer in force`);
  assert.match((await at.log()).at(-1) ?? '', `add - ${V4} `);
  assert.match((await at.log()).at(-1) ?? '', 'restored: ');
  await checkAllIsWell();
});

test.run();
