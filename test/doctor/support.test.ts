import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { anonymous } from '../../doctor/support/anonymous.ts';
import { runWithArguments } from '../lab/execd.ts';
import { eachOnItsOwnHost } from '../lab/fixtures.ts';
import type { Installation } from '../lab/installation.ts';
import { ossec } from '../lab/managers.ts';
import { verb } from '../lab/server.ts';
import { labSuite } from '../lab/suite.ts';

const test = labSuite('riposte doctor --support', 'nft');
let at: Installation;
eachOnItsOwnHost(test, (_, made) => {
  at = made;
});

test.before.each(async () => {
  await at.write(
    'etc/riposte.conf',
    'BLOCK_FOR=1d\nMAIL_TO=root@site.example\nPASSWORD=hunter2\nTRUSTED_PROXIES=192.0.2.5\n',
  );
  await at.write('etc/riposte.mail', 'USER=bob\nPASSWORD=hunter3\n');
  await runWithArguments(at, 'firewall-drop', ['--command-timeout', '5s', ...ossec('delete', '2001:db8::7')]);
  await at.write(
    'etc/riposte.conf',
    'BLOCK_FOR=1d\nMAIL_TO=root@site.example\nTRUSTED_PROXIES=192.0.2.5\nPASSWORD=hunter2\n',
  );
});

const support = (...more: string[]) =>
  verb(at, ['doctor', '--skip-test', '--support', join(at.home, 'report'), ...more]);

test('shows and writes versions, settings, findings and log lines, and no secret', async () => {
  const { exitCode, stdout, stderr } = await support('--yes');
  assert.is(exitCode, 0, String(stderr));
  const file = join(at.home, 'report');
  const text = readFileSync(file, 'utf8');
  assert.is(statSync(file).mode & 0o777, 0o600);
  assert.ok(String(stdout).startsWith(text.trimEnd().slice(0, 1000)));
  for (const part of [
    /Riposte \d/,
    /Node 2\d/,
    /BLOCK_FOR=1d/,
    /MAIL_TO=root@site\.example/,
    /PASSWORD=\(left out: unknown key\)/,
    /ledger/,
    /2001:db8::7/,
  ])
    assert.match(text, part);
  assert.not.match(text, /hunter/);
});

test('replaces each address with a fixed text of its own when --anonymous is given', async () => {
  await support('--yes', '--anonymous');
  const text = readFileSync(join(at.home, 'report'), 'utf8');
  for (const part of ['2001:db8::7', '192.0.2.5', 'root@site.example']) assert.not.match(text, part);
  assert.match(text, /TRUSTED_PROXIES=ipv4-\d+/);
  assert.match(text, /MAIL_TO=mail-\d+@example\.org/);
});

test('writes nothing without a terminal and without --yes, and overwrites no file', async () => {
  assert.match(
    String((await support()).stderr),
    /report is not written: answer y on a terminal, or add --yes/,
  );
  assert.not(existsSync(join(at.home, 'report')));
  writeFileSync(join(at.home, 'report'), 'mine');
  const { exitCode, stderr } = await support('--yes');
  assert.is(exitCode, 74);
  assert.match(String(stderr), 'something else is in the way');
  assert.is(readFileSync(join(at.home, 'report'), 'utf8'), 'mine');
});

test('finds addresses anywhere in a line, and does not change times and versions', () => {
  const line =
    '09:15:36 [2001:db8::1]:443 ::ffff:192.0.2.9, 192.0.2.9/24 "ip":"192.0.2.9" 1.2.3 ab:cd v20.1.0 1795166136.16';
  assert.is(
    anonymous(line, ''),
    '09:15:36 [ipv6-1]:443 ipv6-2, ipv4-3/24 "ip":"ipv4-3" 1.2.3 ab:cd v20.1.0 1795166136.16',
  );
});

test.run();
