import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { temporaryDirectory } from '../active-response/support.ts';
import { riposte } from '../cli/io.ts';
import { labSuite } from '../lab/suite.ts';
import { PATH } from '../lab/tools.ts';
import { assertPrintable } from './broken.ts';
import { HealthyTree } from './healthy.ts';

const test = labSuite('riposte doctor', 'nft');
let at: HealthyTree;

test.before.each(async () => {
  at = await HealthyTree.create('ossec-agent');
});
test.after.each(() => at.remove());

const doctor = (...options: string[]) => riposte(['doctor', '--home', at.tree.home, ...options]);

test('prints a line per check and ends with 0 when nothing is wrong', async () => {
  const { out, err, exitCode } = await doctor();
  assert.equal([exitCode, err], [0, '']);
  const lines = out.trimEnd().split('\n');
  assert.equal(
    lines.slice(0, -1).filter((line) => !line.startsWith('ok       ')),
    [],
  );
  assert.match(
    lines.at(-2) ?? '',
    /^ok {7}self-test {8}nginx-deny blocked 192\.0\.2\.1 by geo and unblocked it/,
  );
  assert.match(lines.at(-1) ?? '', /^0 problems, 0 warnings, \d+ ok$/);
});

test('prints the fix below a problem, and ends with 1', async () => {
  await at.delete('logs/active-responses.log');
  const { out, exitCode } = await doctor('--quiet', '--skip-test');
  const log = join(at.tree.home, 'logs/active-responses.log');
  assert.is(exitCode, 1);
  assert.is(
    out,
    `PROBLEM  log              there is no ${log}: logcollector ignores a log that does not exist at its start
                          fix: install -o daemon -g daemon -m 0660 /dev/null ${log}, then restart the manager
`,
  );
});

test('ends with 0 when there are only warnings', async () => {
  await at.delete('../../etc/cron.d/riposte');
  const { out, exitCode } = await doctor('-q', '--skip-test');
  assert.is(exitCode, 0);
  assert.match(out, /^WARN {5}timer {12}nothing runs the sweep/);
});

test('prints nothing with --quiet when nothing is wrong', async () => {
  assert.equal(await doctor('--quiet'), { exitCode: 0, out: '', err: '' });
});

test('prints every finding in one document when --json is given', async () => {
  await at.write('etc/riposte.conf', 'NONSENSE\n');
  const { out, exitCode } = await doctor('--json', '--skip-test');
  const { home, findings } = JSON.parse(out);
  assert.equal([exitCode, home], [1, at.tree.home]);
  const wrong = findings.filter(({ state }: { state: string }) => state !== 'ok');
  assert.equal(wrong, [
    {
      topic: 'riposte.conf',
      state: 'problem',
      seen: `${at.tree.home}/etc/riposte.conf:1: 'NONSENSE' is not KEY=value: Riposte blocks nobody until you correct that line`,
      fix: 'correct that line, or put # before it',
    },
  ]);
});

test('escapes hostile text from files before it reaches a terminal', async () => {
  const hostile = '\u001b[2J\u001b]0;owned\u0007\u202e\u2028';
  await at.write('logs/active-responses.log', Buffer.from(`x${hostile}\n`).toString('latin1'), 0o660);
  await at.write('etc/riposte.conf', `X${hostile}=1\nFIREWALL_ACTION=${hostile}\n`);
  await at.write('etc/riposte.allow', `${hostile}\n`);
  await at.write('etc/shared/ar.conf', `\u001b[31m - route-null.js - 600\n`);
  await at.write(
    'var/riposte/blocks/firewall-drop/203.0.113.7.json',
    JSON.stringify({
      address: '\u001b[2J',
      backend: 'nftables',
      since: '2099-01-01T00:00:00Z',
      until: null,
      offence: 1,
      failed: hostile,
    }),
  );
  await at.change(
    'etc/ossec.conf',
    /<server-ip>.*</,
    '<server-hostname>\u001b[2Jmanager</server-hostname><server-ip>192.0.2.9<',
  );
  await at.change('etc/ossec.conf', '/var/log/apache2/access.log', '/var/log/apache2/\u001b[2J.log');
  const { out, err, exitCode } = await doctor();
  assert.equal([exitCode, err], [1, '']);
  assert.match(out, /\\u001b\[2Jmanager/);
  assert.match(out, /x\\u001b\[2J/);
  assertPrintable(out);
  const json = await doctor('--json');
  assertPrintable(json.out);
});

test('says that there is no manager, and tests the installed scripts', async () => {
  for (const name of ['ossec-agentd', 'ossec-execd', 'ossec-logcollector']) await at.delete(`bin/${name}`);
  const { out, exitCode } = await doctor('--quiet');
  assert.match(out, /^WARN {5}manager {10}no OSSEC or Wazuh in .*\n {26}fix: .*--home DIR.*\n$/);
  assert.is(exitCode, 0);
});

test('suggests no install command that would be refused, when there is no manager', async () => {
  for (const name of ['ossec-agentd', 'ossec-execd', 'ossec-logcollector']) await at.delete(`bin/${name}`);
  await at.delete('active-response/bin/route-null.js');
  await at.delete('../../etc/cron.d/riposte');
  const { out } = await doctor('--quiet', '--skip-test');
  assert.match(out, /^PROBLEM {2}scripts .*route-null\.js\n {26}fix: copy it there/m);
  assert.match(out, /^WARN {5}timer .*\n {26}fix: .*sweep --home/m);
  assert.not.match(out, `riposte install --home ${at.tree.home}`);
});

test('refuses an operand and a missing directory as wrong usage', async () => {
  assert.is((await doctor('now')).exitCode, 64);
  assert.is((await riposte(['doctor', '--home', '/nowhere'])).exitCode, 64);
});

test('names the checks that need root, runs no self-test, and ends with 1 when another user runs it', () => {
  // The program needs a directory that other users can read.
  const directory = temporaryDirectory();
  chmodSync(directory, 0o755);
  const program = join(directory, 'riposte.js');
  copyFileSync('dist/riposte.js', program);
  const words = [program, 'doctor', '--home', at.tree.home];
  const options = { uid: 65534, gid: 65534, encoding: 'utf8', env: { PATH } } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, words, options);
  assert.equal([status, stderr], [1, '']);
  assert.match(stdout, /^PROBLEM {2}privilege {8}riposte doctor does not run as root/);
  chmodSync(at.tree.home, 0o750);
  const closed = spawnSync(process.execPath, words, options);
  assert.equal([closed.status, closed.stderr], [1, '']);
  assert.match(closed.stdout, /PROBLEM {2}manager {10}this user cannot enter .*var\/ossec/);
  assert.match(stdout, /PROBLEM {2}privilege {8}cannot be checked: .*permission denied/);
  assert.match(stdout, /WARN {5}self-test {8}not tested: only root can/);
});

test.run();
