import { chmodSync, chownSync, lstatSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as assert from 'uvu/assert';
import { blockedAddresses, readBlock } from '../../active-response/ledger.ts';
import { isPrintable } from '../active-response/support.ts';
import { run } from '../install/run.ts';
import { labSuite } from '../lab/suite.ts';
import { riposte } from './io.ts';
import { scene } from './scene.ts';

const OFFICE = '198.51.100.4';
const TODAY = new RegExp(`^${OFFICE} {2}# \\d{4}-\\d\\d-\\d\\d our office\n$`, 'm');

const allow = labSuite('riposte allow');

allow('adds an entry with date and reason, and Riposte no longer blocks the address', async () => {
  const { run, read } = scene();
  const { exitCode } = await run('allow', OFFICE, '--reason', 'our office');
  assert.is(exitCode, 0);
  assert.match(read('etc/riposte.allow'), TODAY);
  const blocking = await run('block', OFFICE, '--response', 'apache-deny');
  assert.match(blocking.err, 'in the allow list');
});

allow('keeps every other byte of the file, its owner and mode, and a link to it', async () => {
  const { run, write, home } = scene();
  const old = Buffer.from('# \xff\xfe not UTF-8\r\n\r\n  203.0.113.0/24\t# visitors\r\n# end', 'latin1');
  write('etc/mine.allow', old);
  const target = join(dirname(home.allowList), 'mine.allow');
  symlinkSync('mine.allow', home.allowList);
  chownSync(target, 1234, 1235);
  chmodSync(target, 0o604);
  await run('allow', OFFICE);
  const text = readFileSync(target, 'latin1');
  assert.ok(text.startsWith(`${old.toString('latin1')}\r\n${OFFICE}  # `));
  const { uid, gid, mode } = statSync(target);
  assert.equal([uid, gid, mode & 0o7777], [1234, 1235, 0o604]);
  assert.ok(lstatSync(home.allowList).isSymbolicLink());
  assert.equal(readdirSync(dirname(target)).sort(), ['mine.allow', 'riposte.allow']);
  await run('allow', OFFICE, '--remove');
  assert.is(readFileSync(target, 'latin1'), `${old.toString('latin1')}\r\n`);
});

allow('refuses --remove and --reason without an address', async () => {
  const { run } = scene();
  for (const option of [['--remove'], ['--reason', 'office']]) {
    const { exitCode, out, err } = await run('allow', ...option);
    assert.equal([exitCode, out, err], [64, '', `riposte: ${option[0]} needs an address\n`]);
  }
});

allow('changes nothing when an address is allowed already, even in another form', async () => {
  const { run, read } = scene();
  await run('allow', OFFICE);
  const text = read('etc/riposte.allow');
  for (const address of [OFFICE, `::ffff:${OFFICE}`]) {
    const { exitCode, out } = await run('allow', address);
    assert.equal([exitCode, out], [0, `${OFFICE}: is already allowed\n`]);
  }
  assert.is(read('etc/riposte.allow'), text);
});

allow('unblocks overlapping blocks at once, and reports them', async () => {
  const { run, home, ledger, journal } = scene();
  const apache24 = { backend: 'map' };
  ledger(OFFICE);
  ledger('198.51.100.9');
  ledger('198.51.200.1', 'apache-deny', apache24);
  const { exitCode, out } = await run('allow', '198.51.100.0/24', '--reason', 'ours');
  assert.is(exitCode, 0);
  assert.match(out, new RegExp(`apache-deny: ${OFFICE}: unblocked: by map`));
  assert.match(out, /apache-deny: 198\.51\.100\.9: unblocked: by map/);
  assert.equal(blockedAddresses(home, 'apache-deny'), ['198.51.200.1']);
  assert.is(journal().length, 2);
});

allow('unblocks an address that is on the list already', async () => {
  const { run, home, ledger, write } = scene();
  write('etc/riposte.allow', `${OFFICE}\n`);
  ledger(OFFICE);
  await run('allow', OFFICE);
  assert.is(readBlock(home, 'apache-deny', OFFICE), undefined);
});

allow('removes only an address’s own entries, and names another entry that allows it', async () => {
  const { run, write, read } = scene();
  write('etc/riposte.allow', `# a\n${OFFICE} # one\n198.51.100.0/24\n${OFFICE}\n198.51.100.40\n`);
  const { exitCode, out } = await run('allow', OFFICE, '--remove');
  assert.is(exitCode, 0);
  assert.match(out, 'still allowed by 198.51.100.0/24 (line 3)');
  assert.is(read('etc/riposte.allow'), '# a\n198.51.100.0/24\n198.51.100.40\n');
  assert.match((await run('allow', '203.0.113.1', '--remove')).out, 'was not in');
});

allow('names a wrong line, changes nothing, and still lets unblock work', async () => {
  const { run, write, read, ledger, home } = scene();
  write('etc/riposte.allow', '# a\nour office\n');
  ledger(OFFICE);
  for (const words of [[OFFICE], [OFFICE, '--remove'], []]) {
    const { exitCode, err } = await run('allow', ...words);
    assert.is(exitCode, 78);
    assert.match(err, /etc\/riposte\.allow:2: 'our office' is not an address, a prefix or a host name/);
  }
  assert.is(read('etc/riposte.allow'), '# a\nour office\n');
  assert.ok(readBlock(home, 'apache-deny', OFFICE));
  assert.is((await run('unblock', OFFICE)).exitCode, 0);
});

allow('keeps every entry when many processes add at once', async () => {
  const { home } = scene();
  const addresses = Array.from({ length: 12 }, (_, index) => `198.51.100.${index + 1}`);
  const ended = await Promise.all(addresses.map((address) => run(['allow', address, '--home', home.root])));
  assert.equal(
    ended.map(({ exitCode }) => exitCode),
    addresses.map(() => 0),
  );
  const { out } = await run(['allow', '--json', '--home', home.root]);
  const { allowed } = JSON.parse(out) as { allowed: { address: string }[] };
  assert.equal(new Set(allowed.map(({ address }) => address)), new Set(addresses));
});

allow('refuses an invalid address, and a prefix that covers every address', async () => {
  for (const address of ['office', '192.0.2.300', 'www.example.com # x', '0.0.0.0/0', '::/0', '']) {
    const { run, read } = scene();
    assert.is((await run('allow', address)).exitCode, 65, address);
    assert.is(read('etc/riposte.allow'), '');
  }
});

allow('escapes control characters and line breaks in a reason', async () => {
  const { run, read } = scene();
  await run('allow', OFFICE, '--reason', 'x\n0.0.0.0/1\u001b[2J\u2028');
  assert.is(read('etc/riposte.allow').split('\n').length, 2);
  assert.ok(isPrintable(read('etc/riposte.allow').trimEnd()));
  assert.is((await run('allow')).exitCode, 0);
});

allow('lists entries and built-in exceptions, as a table and as JSON, when no address is given', async () => {
  const { run, write, home } = scene();
  write('etc/riposte.allow', Buffer.from(`${OFFICE} # our \u001b[2Joffice ä\n`));
  const { out } = await run('allow');
  assert.match(out, /^NEVER BLOCKED +WHY\n198\.51\.100\.4 +riposte\.allow:1: our \\u001b\[2Joffice ä\n/);
  assert.match(out, /^127\.0\.0\.0\/8 +loopback$/m);
  assert.match(out, /^fe80::\/10 +link-local$/m);
  assert.not.match(out, 'in the allow list');
  const list = JSON.parse((await run('allow', '--json')).out);
  assert.is(list.file, home.allowList);
  assert.equal(list.allowed, [{ address: OFFICE, comment: 'our \u001b[2Joffice ä', line: 1 }]);
  assert.ok(list.always.some(({ why }: { why: string }) => why === 'loopback'));
});

allow('lists the address of the operator’s login', async () => {
  const { home } = scene();
  const env = { PATH: process.env.PATH, SSH_CONNECTION: '203.0.113.50 50000 192.0.2.1 22' };
  const { out } = await riposte(['allow', '--home', home.root], '', 1, env);
  assert.match(out, /^203\.0\.113\.50 +the address of your login$/m);
});

allow('allows an address until the end of --for, and for ever without --for', async () => {
  const { run, read } = scene();
  const { out } = await run('allow', OFFICE, '--for', '2d');
  assert.match(out, /198\.51\.100\.4: was added to .*riposte\.allow, until \d{4}-/);
  assert.match(read('etc/riposte.allow'), /^198\.51\.100\.4 until (\S+Z) {2}# \d{4}-\d\d-\d\d\n$/);
  const [, end = ''] = / until (\S+)/.exec(read('etc/riposte.allow')) ?? [];
  assert.is(Math.round((Date.parse(end) - Date.now()) / 3_600_000), 48);
  assert.match((await run('allow')).out, /198\.51\.100\.4 +riposte\.allow:1, until /);
  assert.match((await run('block', OFFICE, '--response', 'apache-deny')).err, 'in the allow list');
  await run('allow', OFFICE);
  assert.match(read('etc/riposte.allow'), /^198\.51\.100\.4 {2}# .*\n$/);
  assert.match((await run('allow', OFFICE, '--for', '1h')).out, 'is already allowed');
  assert.match(read('etc/riposte.allow'), /^198\.51\.100\.4 {2}# .*\n$/);
});

allow('ignores an entry whose time is over', async () => {
  const { run, write } = scene();
  write('etc/riposte.allow', `${OFFICE} until 2026-01-01T00:00:00Z\n`);
  assert.match((await run('allow')).out, /198\.51\.100\.4 +riposte\.allow:1, ended 2026-01-01/);
  assert.is((await run('block', OFFICE, '--response', 'apache-deny')).exitCode, 0);
});

allow('refuses an invalid time, and --for with --remove or without an address', async () => {
  const { run, read } = scene();
  for (const words of [
    [OFFICE, '--for', 'soon'],
    [OFFICE, '--for', '0'],
    [OFFICE, '--for', '2d', '--remove'],
    ['--for', '2d'],
  ])
    assert.is((await run('allow', ...words)).exitCode, 64, words.join(' '));
  assert.is(read('etc/riposte.allow'), '');
});

allow('keeps a name, shows its addresses, and blocks none of them', async () => {
  const { run, write, read } = scene();
  write('etc/riposte.allow', 'home.example.net # mine\n');
  assert.match((await run('allow')).out, /home\.example\.net \(not resolved yet\) +riposte\.allow:1: mine/);
  write('var/riposte/allowed-names', `${OFFICE}  # home.example.net\n`);
  assert.match((await run('allow')).out, /home\.example\.net \(198\.51\.100\.4\) /);
  const { allowed } = JSON.parse((await run('allow', '--json')).out);
  assert.equal(allowed, [{ name: 'home.example.net', addresses: [OFFICE], comment: 'mine', line: 1 }]);
  assert.match((await run('status')).out, /never blocked: home\.example\.net \(198\.51\.100\.4\)\n$/);
  assert.match((await run('block', OFFICE, '--response', 'apache-deny')).err, 'in the allow list');
  await run('allow', 'Home.Example.net', '--remove');
  assert.equal([read('etc/riposte.allow'), read('var/riposte/allowed-names')], ['', '']);
});

allow.run();
