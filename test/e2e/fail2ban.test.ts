import { readFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { runCommand, untilLedgerAgrees } from '../lab/command.ts';
import { Fail2ban, fail2banPackage } from '../lab/fail2ban.ts';
import { eachOnItsOwnHost } from '../lab/fixtures.ts';
import type { Host } from '../lab/host.ts';
import type { Installation } from '../lab/installation.ts';
import { eventually } from '../lab/server.ts';
import { labSuite } from '../lab/suite.ts';

const test = labSuite('fail2ban’s action', 'nft');
const root = await fail2banPackage();
let host: Host;
let at: Installation;
let fail2ban: Fail2ban;

const A = '203.0.113.7';
const B = '2001:db8:113::7';
const JAIL =
  'enabled = true\nfilter = x\nlogpath = LOG\nbackend = polling\nmaxretry = 1\nbanaction = riposte\n';

eachOnItsOwnHost(test, (...made) => ([host, at] = made));
test.after.each(() => fail2ban?.remove());

/** Starts fail2ban with these jails and Riposte's action, which runs the built `riposte`. */
async function start(jails: string): Promise<void> {
  const action = await readFile('fail2ban/action.d/riposte.conf', 'utf8');
  const installed = action
    .replace(/^home = .*$/m, `home = ${at.home}`)
    .replace(/^riposte = .*$/m, `riposte = ${process.cwd()}/dist/riposte.js`);
  fail2ban = await Fail2ban.create(host, root ?? '', installed, jails);
  await fail2ban.start();
}
const inLedger = (address: string, response = 'firewall-drop') => at.ledger(response, address);
const ban = (jail: string, address: string) => fail2ban.client('set', jail, 'banip', address);
const unban = (jail: string, address: string) => fail2ban.client('set', jail, 'unbanip', address);
const banned = (address: string, response?: string) =>
  eventually(`${address} is blocked`, async () => (await inLedger(address, response)) !== undefined);
const released = (address: string, response?: string) =>
  eventually(`${address} is free`, async () => (await inLedger(address, response)) === undefined);
const agree = () => untilLedgerAgrees(host, at.home);
/** The lines of fail2ban's log that report an error. */
const errors = async () => (await fail2ban.log()).split('\n').filter((line) => / ERROR /.test(line));

if (root !== undefined) {
  test('bans and unbans an address of either family, for the jail’s time or permanently', async () => {
    await start(`[one]\n${JAIL}bantime = 600\n[ever]\n${JAIL}bantime = -1\n`);
    await ban('one', A);
    await banned(A);
    const { until, origins, offence } = (await inLedger(A)) ?? {};
    assert.equal([Object.keys(origins as object), offence], [['fail2ban:one'], 1]);
    const seconds = (Date.parse(String(until)) - Date.now()) / 1000;
    assert.ok(seconds > 300 && seconds <= 601, String(seconds));
    await ban('ever', B);
    await banned(B);
    assert.is((await inLedger(B))?.until, null);
    await agree();
    await unban('one', A);
    await unban('ever', B);
    await released(A);
    await released(B);
    await agree();
    assert.equal(await errors(), []);
  });

  test('bans an address, and reports no error when a jail bans an address that is never blocked', async () => {
    await at.write('etc/riposte.allow', '203.0.113.99\n');
    await start(`[one]\n${JAIL}bantime = 600\n`);
    await ban('one', '203.0.113.99');
    await eventually('the ban of 203.0.113.99', async () =>
      (await at.log()).some((line) => / held: /.test(line)),
    );
    assert.is(await inLedger('203.0.113.99'), undefined);
    await unban('one', '203.0.113.99');
    await ban('one', A);
    await banned(A);
    assert.equal(await errors(), []);
  });

  test('an unban ends only the ban of its own jail, and no block that Riposte itself has made', async () => {
    await at.write('etc/riposte.conf', 'BLOCK_FOR=1d,7d\n');
    await start(`[one]\n${JAIL}bantime = 600\n[two]\n${JAIL}bantime = 6000\n`);
    await ban('one', A);
    await banned(A);
    await ban('two', A);
    const both = async () => Object.keys(((await inLedger(A))?.origins ?? {}) as object).length === 2;
    await eventually('both jails ban', both);
    await unban('two', A);
    await eventually('one jail is left', async () => !(await both()));
    assert.equal(Object.keys((await inLedger(A))?.origins as object), ['fail2ban:one']);
    await runCommand(host, at.home, 'block', A, '--for', '1h');
    await unban('one', A);
    await eventually('no jail is left', async () => (await inLedger(A))?.origins === undefined);
    assert.equal([(await inLedger(A))?.isOwn, (await inLedger(A))?.offence], [true, 1]);
    await agree();
  });

  test('blocks by another response, and reports a failure of the backend as an error', async () => {
    const jail = JAIL.replace('riposte', 'riposte[response=apache-deny]');
    await start(`[one]\n${jail}bantime = 600\n`);
    await ban('one', A);
    await banned(A, 'apache-deny');
    assert.match(await at.read('var/riposte/apache/deny.map'), `${A} deny`);
    await at.write('etc/riposte.conf', 'APACHE_DENY=nonsense\n');
    await ban('one', B);
    await eventually('an error', async () => (await errors()).some((line) => line.includes('ban')));
  });

  test('unbans all addresses in one run at a stop, and bans each remaining address once at a start', async () => {
    await start(`[one]\n${JAIL}bantime = 600\n`);
    for (const address of [A, B]) {
      await ban('one', address);
      await banned(address);
    }
    await fail2ban.stop();
    assert.equal([await inLedger(A), await inLedger(B)], [undefined, undefined]);
    await fail2ban.start();
    for (const address of [A, B]) await banned(address);
    await agree();
    await fail2ban.stop('SIGKILL');
    await fail2ban.start();
    // fail2ban lists a ban before it calls the action.
    await eventually('bans are restored', async () => {
      const log = await at.log();
      return [A, B].every((address) =>
        log.some((line) => line.includes(address) && line.includes(' already: ')),
      );
    });
    await fail2ban.client('unban', '--all');
    for (const address of [A, B]) await released(address);
    await agree();
    assert.equal(await errors(), []);
  });

  test('keeps bans through a restart with norestored, until their time is over or an operator ends them', async () => {
    const jail = JAIL.replace('riposte', 'riposte[norestored=1, actionflush=true]');
    await start(`[one]\n${jail}bantime = 600\n`);
    await ban('one', A);
    await banned(A);
    const before = await inLedger(A);
    await fail2ban.stop();
    assert.equal(await inLedger(A), before);
    await fail2ban.start();
    await eventually('the ban is restored', async () =>
      (await fail2ban.client('status', 'one')).stdout.includes(A),
    );
    assert.equal(await inLedger(A), before);
    assert.ok(Date.parse(String(before?.until)) <= Date.now() + 601_000);
    // After its start, fail2ban calls the action's unban only once the action has banned an address.
    const { status } = await runCommand(host, at.home, 'unblock', A, '--origin', 'fail2ban:one');
    assert.is(status, 0);
    assert.is(await inLedger(A), undefined);
    await agree();
    assert.equal(await errors(), []);
  });
}

test.run();
