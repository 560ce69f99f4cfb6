import * as assert from 'uvu/assert';
import { blockedAddresses, readBlock } from '../../active-response/ledger.ts';
import { labSuite } from '../lab/suite.ts';
import { scene } from './scene.ts';

const ATTACKER = '203.0.113.7';

const unblock = labSuite('riposte unblock');

unblock('ends the block of an alert despite BLOCK_FOR', async () => {
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

unblock('says once that an address is not blocked, and records nothing', async () => {
  const { run, journal, read } = scene();
  const { exitCode, out } = await run('unblock', ATTACKER);
  assert.equal([exitCode, out], [0, `${ATTACKER}: was not blocked\n`]);
  assert.equal([journal(), read('logs/active-responses.log')], [[], '']);
});

unblock('unblocks only in the named response', async () => {
  const { run, home, ledger } = scene();
  ledger(ATTACKER);
  assert.match((await run('unblock', ATTACKER, '--response', 'route-null')).out, 'was not blocked');
  assert.ok(readBlock(home, 'apache-deny', ATTACKER));
});

unblock('keeps an address within a blocked prefix blocked, and names the prefix', async () => {
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
    assert.is(
      err,
      `${address} is within ${prefix}, which apache-deny blocks; to unblock the prefix: riposte unblock ${prefix}\n`,
    );
  }
  assert.is(blockedAddresses(home, 'apache-deny').length, 2);
});

unblock('unblocks a prefix, and not the addresses in it', async () => {
  const { run, home, ledger } = scene();
  ledger(ATTACKER);
  const { exitCode, out } = await run('unblock', '203.0.113.0/24');
  assert.equal([exitCode, out], [0, '203.0.113.0/24: was not blocked\n']);
  assert.ok(readBlock(home, 'apache-deny', ATTACKER));
});

unblock('unblocks every address with --all, and prints and records each', async () => {
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
  assert.is((await run('unblock', '--all')).out, 'no address is blocked\n');
});

unblock('says so when a list or a program asks for no block', async () => {
  const { run, ledger } = scene();
  ledger(ATTACKER);
  const { exitCode, out } = await run('unblock', '--origin', 'dorp');
  assert.equal([exitCode, out], [0, 'no address is blocked for dorp; riposte status names the lists\n']);
});

unblock('releases a damaged entry with --all, and sets its file aside', async () => {
  const { run, home, ledger, write } = scene();
  ledger(ATTACKER);
  write('var/riposte/blocks/apache-deny/203.0.113.1.json', 'half a bl');
  const { exitCode, err, out } = await run('unblock', '--all');
  assert.equal([exitCode, err], [0, '']);
  assert.match(out, /203\.0\.113\.1\.json is damaged: it holds no block; it is in \S+\/damaged now/);
  assert.match(out, /\n2 unblocked\n$/);
  assert.equal(blockedAddresses(home, 'apache-deny'), []);
});

unblock('reports a wrong riposte.conf once, and unblocks', async () => {
  const { run, home, ledger, write } = scene();
  ledger(ATTACKER);
  write('etc/riposte.conf', 'BLOCK_FOR=soon\n');
  const { exitCode, err } = await run('unblock', ATTACKER);
  assert.is(exitCode, 0);
  assert.is(err.match(/riposte\.conf:1/g)?.length, 1);
  assert.is(readBlock(home, 'apache-deny', ATTACKER), undefined);
});

unblock('ends nothing in a dry run', async () => {
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

unblock('requires addresses or --all, and not both', async () => {
  const { run } = scene();
  assert.is((await run('unblock')).exitCode, 64);
  assert.is((await run('unblock', '--all', ATTACKER)).exitCode, 64);
  assert.is((await run('unblock', 'nobody')).exitCode, 65);
});

unblock.run();
