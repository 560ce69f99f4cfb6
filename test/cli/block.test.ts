import { chmodSync } from 'node:fs';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { readBlock } from '../../active-response/ledger.ts';
import { isPrintable } from '../active-response/support.ts';
import { labSuite } from '../lab/suite.ts';
import { scene } from './scene.ts';

const ATTACKER = '203.0.113.7';
const DENY = ['--response', 'apache-deny'];
const DAY = 86_400_000;

const block = labSuite('riposte block');

block('blocks several addresses, and writes each into ledger, log and journal', async () => {
  const { run, home, read, journal } = scene();
  const { exitCode, out, err } = await run('block', ATTACKER, '2001:DB8::7', ...DENY, '--reason', 'a scan');
  assert.equal([exitCode, err], [0, '']);
  assert.is(
    out,
    [ATTACKER, '2001:db8::7']
      .map((address) => `apache-deny: ${address}: blocked: until deleted, offence 1, by map\n`)
      .join(''),
  );
  assert.match(read('var/riposte/apache/deny.map'), `${ATTACKER} deny`);
  assert.is(readBlock(home, 'apache-deny', '2001:db8::7')?.note, 'a scan');
  assert.match(read('logs/active-responses.log'), `apache-deny.js add - ${ATTACKER} - - blocked: `);
  assert.equal(
    journal().map(({ event, address, note }) => [event, address, note]),
    [
      ['blocked', ATTACKER, 'a scan'],
      ['blocked', '2001:db8::7', 'a scan'],
    ],
  );
});

block('blocks as long as BLOCK_FOR says, unless --for is given', async () => {
  const { run, home, write } = scene();
  write('etc/riposte.conf', 'BLOCK_FOR=1d,7d\n');
  const days = () => {
    const { until } = readBlock(home, 'apache-deny', ATTACKER) ?? {};
    return Math.round((Date.parse(String(until)) - Date.now()) / DAY);
  };
  await run('block', ATTACKER, ...DENY);
  assert.is(days(), 1);
  await run('block', ATTACKER, ...DENY, '--for', '3d');
  assert.is(days(), 3);
  await run('unblock', ATTACKER);
  await run('block', ATTACKER, ...DENY);
  assert.is(days(), 7);
});

block('shortens the block of a severe alert to the time of --for', async () => {
  const { run, home, ledger } = scene();
  ledger(ATTACKER, 'apache-deny', { until: new Date(Date.now() + 7 * DAY).toISOString(), severe: true });
  await run('block', ATTACKER, ...DENY, '--for', '1d');
  const { until } = readBlock(home, 'apache-deny', ATTACKER) ?? {};
  assert.is(Math.round((Date.parse(String(until)) - Date.now()) / DAY), 1);
});

block('reports failure for an address that Riposte never blocks', async () => {
  const { run, home } = scene();
  const { exitCode, out, err } = await run('block', '127.0.0.1', ATTACKER, ...DENY);
  assert.is(exitCode, 65);
  assert.match(err, /^apache-deny: 127\.0\.0\.1: held: 127\.0\.0\.1 is never blocked: loopback/);
  assert.match(out, `${ATTACKER}: blocked`);
  assert.ok(readBlock(home, 'apache-deny', ATTACKER));
});

block('prints a hostile reason on one line of at most 200 characters', async () => {
  const { run, home, journal } = scene();
  await run('block', ATTACKER, ...DENY, '--reason', `\u001b[2J\n\u202e"${'x'.repeat(500)}`);
  const note = readBlock(home, 'apache-deny', ATTACKER)?.note ?? '';
  assert.ok(isPrintable(note));
  assert.match(note, /^\\u001b\[2J\\u000a\\u202e"x/);
  assert.not.match(note, 'x'.repeat(200));
  assert.is(journal()[0]?.note, note);
});

block('keeps the reason when an alert comes later', async () => {
  const { run, home } = scene();
  await run('block', ATTACKER, ...DENY, '--reason', 'known');
  await run('block', ATTACKER, ...DENY);
  assert.is(readBlock(home, 'apache-deny', ATTACKER)?.note, 'known');
});

block('changes nothing on bad input', async () => {
  for (const [code, ...words] of [
    [64],
    [65, ATTACKER, 'www.example.com'],
    [65, '0.0.0.0/0'],
    [64, ATTACKER, '--for', 'soon'],
    [64, ATTACKER, '--response', 'route-zero'],
    [64, ATTACKER, '--fro', '1d'],
  ] as [number, ...string[]][]) {
    const { run, read } = scene();
    const { exitCode, err } = await run('block', ...words, ...(words.includes('--response') ? [] : DENY));
    assert.is(exitCode, code, words.join(' '));
    assert.match(err, /^riposte: /);
    assert.is(read('var/riposte/apache/deny.map') + read('logs/active-responses.log'), '');
  }
});

block('names the line of a wrong riposte.conf or riposte.allow, and blocks no address', async () => {
  for (const [file, text] of [
    ['etc/riposte.conf', 'BLOCK_FOR=soon\n'],
    ['etc/riposte.allow', '# mine\n300.1.1.1\n'],
  ] as const) {
    const { run, home, write } = scene();
    write(file, text);
    const { exitCode, err } = await run('block', ATTACKER, ...DENY);
    assert.is(exitCode, 78);
    assert.match(err, new RegExp(`${file}:\\d: `));
    assert.is(readBlock(home, 'apache-deny', ATTACKER), undefined);
  }
});

block('shows the change, and writes nothing, in a dry run', async () => {
  const { run, read } = scene();
  const { exitCode, out } = await run('block', ATTACKER, ...DENY, '--dry-run');
  assert.is(exitCode, 0);
  assert.match(out, /^would append '203\.0\.113\.7 deny' to /);
  assert.match(out, '203.0.113.7: would be blocked: until deleted');
  assert.is(read('var/riposte/apache/deny.map') + read('logs/active-responses.log'), '');
});

for (const words of [
  ['block', ATTACKER],
  ['unblock', ATTACKER],
  ['unblock', '--all'],
  ['allow', ATTACKER],
  ['allow', ATTACKER, '--remove'],
  ['fire', 'apache-deny', ATTACKER],
]) {
  block(`${words.join(' ')}: refuses to run without root, and changes nothing`, async () => {
    const { home, read, ledger } = scene();
    ledger(ATTACKER);
    chmodSync(home.root, 0o777);
    const { exitCode, stderr } = await execa(
      process.execPath,
      ['dist/riposte.js', ...words, '--home', home.root],
      {
        uid: 65_534,
        gid: 65_534,
        reject: false,
      },
    );
    assert.is(exitCode, 77);
    assert.match(stderr, /^riposte: \w+ needs root: run it as root; nothing was changed$/);
    assert.ok(readBlock(home, 'apache-deny', ATTACKER));
    assert.is(read('etc/riposte.allow') + read('logs/active-responses.log'), '');
  });
}

block.run();
