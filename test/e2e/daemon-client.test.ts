import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdir, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { WAIT_SLOTS } from '../../daemon/wait-slots.ts';
import { runWithArguments, runWithMessage } from '../lab/execd.ts';
import { daemonBesideEach } from '../lab/fixtures.ts';
import type { Installation } from '../lab/installation.ts';
import { ossec, wazuh4 } from '../lab/managers.ts';
import type { RunningDaemon } from '../lab/running-daemon.ts';
import { stop } from '../lab/stop.ts';
import { labSuite } from '../lab/suite.ts';
import { PATH } from '../lab/tools.ts';

const test = labSuite('the client of riposte respond', 'nft', 'ip', 'bash');
const ADDRESS = '203.0.113.9';
let at: Installation;
let daemon: RunningDaemon;

daemonBesideEach(
  test,
  (_, ...made) => ([at, daemon] = made),
  () => daemon,
);

const directory = () => join(at.home, 'var/riposte/respond');
const run = (...words: string[]) => runWithArguments(at, 'apache-deny', words);
const outcomes = async () => (await at.journal()).map(({ event, reason }) => `${event}: ${reason}`);

/** Makes a script run with another shell. */
async function withShell(shell: string): Promise<void> {
  const file = at.script('apache-deny');
  await writeFile(file, (await readFile(file, 'utf8')).replace(/^#!.*/, `#!${shell}`));
}

/** Makes the request directory of an ended daemon. A busy process has reused the daemon's process ID. */
async function staleDirectory() {
  const place = await readlink(directory());
  const busy = execa('sh', ['-c', 'while :; do :; done'], { reject: false, env: { PATH } });
  await daemon.end('SIGKILL');
  for (const part of ['in', 'out']) await mkdir(join(place, part), { recursive: true, mode: 0o700 });
  await symlink(place, directory());
  await execa('mkfifo', [join(directory(), 'bell')]);
  await writeFile(join(directory(), 'pid'), `${busy.pid} 0\n`);
  await symlink(`/proc/${busy.pid}/task/${busy.pid}/schedstat`, join(directory(), 'beat'));
  return {
    async end() {
      busy.kill('SIGKILL');
      await busy;
      await rm(place, { recursive: true });
    },
  };
}

test('does not wait when a busy process has reused the process ID of an ended daemon', async () => {
  const stale = await staleDirectory();
  const [program, ...words] = at.command('apache-deny', ossec('add', ADDRESS));
  const { exitCode } = await execa(program, words, { stdin: 'ignore', reject: false, timeout: 120_000 });
  await stale.end();
  assert.is(exitCode, 0);
  assert.match((await outcomes())[0] ?? '', 'blocked: ');
});

test('finishes its work when its output is closed', async () => {
  const [program, ...words] = at.command('apache-deny', ossec('add', ADDRESS));
  const script = execa(program, words, { stdin: 'ignore', reject: false, buffer: false });
  script.stdout.destroy();
  const { exitCode, signal } = await script;
  assert.equal([exitCode, signal], [0, undefined]);
  assert.equal((await at.journal()).length, 1);
});

test('records that the manager gave no answer when the manager ends before the question', async () => {
  const [program, ...words] = at.command('apache-deny', []);
  const script = execa(program, words, { input: wazuh4('add', ADDRESS), reject: false, buffer: false });
  script.stdout.destroy();
  const { exitCode, signal } = await script;
  assert.equal([exitCode, signal], [0, undefined]);
  assert.match((await outcomes())[0] ?? '', '; the manager gave no answer');
});

test('does not treat a request as done when the daemon returns it to Node', async () => {
  await run(...ossec('add', ADDRESS));
  await run(...ossec('delete', ADDRESS));
  const { stdout } = await run('--dry-run', ...ossec('delete', ADDRESS));
  assert.is(
    stdout,
    `apache-deny: ${ADDRESS}: rehearsed: dry run: nothing would change: the address was not blocked`,
  );
});

test('refuses a message that is too long in bytes when Node handles it', async () => {
  await withShell('/bin/bash');
  await stop(daemon.pid);
  const env = { LC_ALL: 'C.UTF-8' };
  const { status, stderr } = await runWithMessage(
    at,
    'apache-deny',
    `{"a":"${'漢'.repeat(60_000)}"}\n`,
    'continue',
    { env },
  );
  assert.equal([status, stderr], [65, 'apache-deny: the message is longer than 65536 bytes']);
});

test('prints no error when an older or newer daemon wrote the pid file', async () => {
  const pid = await readFile(join(directory(), 'pid'), 'utf8');
  const texts = ['', ' 0', ' 08', ' x', ' 512 and more'].map((slots) => pid.replace(/ \d+\n/, `${slots}\n`));
  for (const [index, text] of texts.entries()) {
    await writeFile(join(directory(), 'pid'), text);
    const { status, stderr } = await run(...ossec('add', `198.18.0.${index}`));
    assert.equal([status, stderr], [0, ''], text);
  }
  assert.is(await daemon.end(), 1);
});

test('prints no error when the request directory disappears', async () => {
  await rm(join(directory(), 'in'), { recursive: true });
  const { status, stderr } = await run(...ossec('add', ADDRESS));
  assert.equal([status, stderr], [0, '']);
});

test('leaves no file when it takes a request back', async () => {
  // This process holds the wake-up FIFO and reads nothing; the watchdog sees that the daemon is stopped.
  await stop(daemon.pid);
  const wakeupFd = openSync(join(directory(), 'bell'), 'r+');
  await writeFile(join(directory(), 'pid'), `${process.pid} ${wakeupFd} ${WAIT_SLOTS}\n`);
  const { status } = await run(...ossec('add', ADDRESS));
  const slots = await readdir(join(directory(), 'taken'));
  closeSync(wakeupFd);
  assert.is(status, 0);
  assert.is(slots.length, 1, 'the client made a request');
  assert.equal([await readdir(join(directory(), 'in')), await readdir(join(directory(), 'out'))], [[], []]);
});

for (const shell of ['/bin/bash', '/bin/bash --posix', '/bin/busybox sh']) {
  const testIfThere = existsSync(shell.split(' ')[0] ?? '') ? test : test.skip;
  testIfThere(`prints the same output when its shell is ${shell}`, async () => {
    await withShell(shell);
    const nasty = ['add', '%s $(id) `id` \\c *', ADDRESS, '1.1', '1', '/x\\0 \'"', '*', '-rf', ''];
    const added = await run(...nasty);
    assert.match(added.stdout, new RegExp(`^apache-deny: ${ADDRESS}: blocked: [^\n]*$`));
    assert.equal([added.status, added.stderr], [0, '']);
    const asked = await runWithMessage(at, 'apache-deny', wazuh4('add', '203.0.113.10'));
    assert.equal([asked.status, asked.questions.length, asked.stderr], [0, 1, '']);
    const [event] = await at.journal();
    assert.equal([event?.user, event?.location], [nasty[1], nasty.slice(5).join(' ')]);
    assert.is(await daemon.end(), 2);
  });
}

test.run();
