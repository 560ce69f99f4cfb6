import * as assert from 'uvu/assert';
import { blockedAddresses, readBlock } from '../../active-response/ledger.ts';
import { labSuite } from '../lab/suite.ts';
import { scene } from './scene.ts';

const ATTACKER = '203.0.113.7';

const unblock = labSuite('riposte unblock');

unblock('a person wins over BLOCK_FOR and over a later alert, on a terminal or not', async () => {
  const { run, home, write, ledger, journal } = scene();
  write('etc/riposte.conf', 'BLOCK_FOR=7d\n');
  ledger(ATTACKER, 'apache-deny', {
    until: new Date(Date.now() + 1e9).toISOString(),
    severe: true,
    alert: '1795166136.16',
  });
  const { exitCode, out } = await run('unblock', ATTACKER);
  assert.is(exitCode, 0);
  assert.match(out, new RegExp(`^apache-deny: ${ATTACKER}: unblocked: by map, since \\d{4}-.*\n$`));
  assert.is(readBlock(home, 'apache-deny', ATTACKER), undefined);
  assert.equal(
    journal().map(({ event }) => event),
    ['unblocked'],
  );
});

unblock('who is not blocked is said once, and leaves no trace', async () => {
  const { run, journal, read } = scene();
  const { exitCode, out } = await run('unblock', ATTACKER);
  assert.equal([exitCode, out], [0, `${ATTACKER}: was not blocked\n`]);
  assert.equal([journal(), read('logs/active-responses.log')], [[], '']);
});

unblock('only the response that is named lets go', async () => {
  const { run, home, ledger } = scene();
  ledger(ATTACKER);
  assert.match((await run('unblock', ATTACKER, '--response', 'route-null')).out, 'was not blocked');
  assert.ok(readBlock(home, 'apache-deny', ATTACKER));
});

unblock('an address within a blocked prefix stays blocked, and the prefix is named', async () => {
  const { run, home, ledger } = scene();
  const apache24 = { backend: 'apache24' };
  ledger('203.0.113.0/24', 'apache-deny', apache24);
  ledger('2001:db8::/32', 'apache-deny', apache24);
  for (const [address, prefix] of [
    [ATTACKER, '203.0.113.0/24'],
    ['203.0.113.0/25', '203.0.113.0/24'],
    ['2001:db8::1', '2001:db8::/32'],
  ]) {
    const { exitCode, err } = await run('unblock', String(address));
    assert.is(exitCode, 65);
    assert.is(err, `${address}: is within ${prefix}, which apache-deny blocks: riposte unblock ${prefix}\n`);
  }
  assert.is(blockedAddresses(home, 'apache-deny').length, 2);
});

unblock('a prefix unblocks that prefix, and not the addresses in it', async () => {
  const { run, home, ledger } = scene();
  ledger(ATTACKER);
  const { exitCode, out } = await run('unblock', '203.0.113.0/24');
  assert.equal([exitCode, out], [0, '203.0.113.0/24: was not blocked\n']);
  assert.ok(readBlock(home, 'apache-deny', ATTACKER));
});

unblock('--all ends everybody, says so, and writes it down', async () => {
  const { run, home, journal, read, write } = scene();
  const addresses = Array.from({ length: 50 }, (_, i) => `203.0.113.${i + 1}`);
  await run('block', ...addresses, '--response', 'apache-deny');
  write('etc/riposte.allow', 'nonsense\n');
  const { exitCode, out } = await run('unblock', '--all');
  assert.is(exitCode, 0);
  assert.match(out, /\n50 unblocked\n$/);
  assert.equal(blockedAddresses(home, 'apache-deny'), []);
  assert.not.match(read('var/riposte/apache/deny.map'), /^203/m);
  assert.is(journal().filter(({ event }) => event === 'unblocked').length, 50);
  assert.is((await run('unblock', '--all')).out, 'nobody is blocked\n');
});

unblock('--all goes on behind a damaged entry, and is no success', async () => {
  const { run, home, ledger, write } = scene();
  ledger(ATTACKER);
  write('var/riposte/blocks/apache-deny/203.0.113.1.json', 'half a bl');
  const { exitCode, err, out } = await run('unblock', '--all');
  assert.is(exitCode, 74);
  assert.match(err, /203\.0\.113\.1\.json is damaged/);
  assert.match(out, /\n1 unblocked\n$/);
  assert.equal(blockedAddresses(home, 'apache-deny'), ['203.0.113.1']);
});

unblock('a wrong riposte.conf is told once, and keeps nobody blocked', async () => {
  const { run, home, ledger, write } = scene();
  ledger(ATTACKER);
  write('etc/riposte.conf', 'BLOCK_FOR=soon\n');
  const { exitCode, err } = await run('unblock', ATTACKER);
  assert.is(exitCode, 0);
  assert.is(err.match(/riposte\.conf:1/g)?.length, 1);
  assert.is(readBlock(home, 'apache-deny', ATTACKER), undefined);
});

unblock('a dry run ends nothing', async () => {
  const { run, home, journal } = scene();
  await run('block', ATTACKER, '--response', 'apache-deny');
  for (const words of [[ATTACKER], ['--all']]) {
    const { out } = await run('unblock', ...words, '--dry-run');
    assert.match(out, `would comment out ${ATTACKER}`);
    assert.match(out, `${ATTACKER}: would be unblocked`);
  }
  assert.ok(readBlock(home, 'apache-deny', ATTACKER));
  assert.is(journal().length, 1);
});

unblock('neither addresses nor --all, both, or no address are wrong', async () => {
  const { run } = scene();
  assert.is((await run('unblock')).exitCode, 64);
  assert.is((await run('unblock', '--all', ATTACKER)).exitCode, 64);
  assert.is((await run('unblock', 'nobody')).exitCode, 65);
});

unblock.run();
