import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdir, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { SEATS } from '../../cli/resident/seats.ts';
import { runWithArguments, runWithMessage } from '../lab/execd.ts';
import { allOnOneHost } from '../lab/fixtures.ts';
import type { Host } from '../lab/host.ts';
import type { Installation } from '../lab/installation.ts';
import { ossec, wazuh4 } from '../lab/managers.ts';
import { RunningResident } from '../lab/resident.ts';
import { stop } from '../lab/stop.ts';
import { labSuite } from '../lab/suite.ts';
import { PATH } from '../lab/tools.ts';

const test = labSuite('the shell part of a script', 'nft', 'ip', 'bash');
const ADDRESS = '203.0.113.9';
let host: Host;
let at: Installation;
let resident: RunningResident;

allOnOneHost(test, (...made) => ([host, at] = made));
test.before.each(async () => {
  await host.start(['nft', 'flush', 'ruleset'], {});
  resident = at.resident ?? (await RunningResident.start(at.home, host));
});
test.after.each(async () => {
  await resident.end('SIGKILL');
});

const box = () => join(at.home, 'var/riposte/respond');
const run = (...words: string[]) => runWithArguments(at, 'apache-deny', words);
const outcomes = async () => (await at.journal()).map(({ event, reason }) => `${event}: ${reason}`);

/** Has a script run with another shell. */
async function withShell(shell: string): Promise<void> {
  const file = at.script('apache-deny');
  await writeFile(file, (await readFile(file, 'utf8')).replace(/^#!.*/, `#!${shell}`));
}

/** A process that is always at work, and the box of a process that had its number before. */
async function staleBox() {
  const place = await readlink(box());
  const busy = execa('sh', ['-c', 'while :; do :; done'], { reject: false, env: { PATH } });
  await resident.end('SIGKILL');
  for (const part of ['in', 'out']) await mkdir(join(place, part), { recursive: true, mode: 0o700 });
  await symlink(place, box());
  await execa('mkfifo', [join(box(), 'bell')]);
  await writeFile(join(box(), 'pid'), `${busy.pid} 0\n`);
  await symlink(`/proc/${busy.pid}/task/${busy.pid}/schedstat`, join(box(), 'beat'));
  return {
    async end() {
      busy.kill('SIGKILL');
      await busy;
      await rm(place, { recursive: true });
    },
  };
}

test('a busy process that has the number of one that answered is not waited for', async () => {
  const stale = await staleBox();
  const [program, ...words] = at.command('apache-deny', ossec('add', ADDRESS));
  const { exitCode } = await execa(program, words, { stdin: 'ignore', reject: false, timeout: 120_000 });
  await stale.end();
  assert.is(exitCode, 0);
  assert.match((await outcomes())[0] ?? '', 'blocked: ');
});

test('who has closed our output ends neither the script nor what it does', async () => {
  const [program, ...words] = at.command('apache-deny', ossec('add', ADDRESS));
  const script = execa(program, words, { stdin: 'ignore', reject: false, buffer: false });
  script.stdout.destroy();
  const { exitCode, signal } = await script;
  assert.equal([exitCode, signal], [0, undefined]);
  assert.equal((await at.journal()).length, 1);
});

test('a manager that is gone before it is asked has given no answer', async () => {
  const [program, ...words] = at.command('apache-deny', []);
  const script = execa(program, words, { input: wazuh4('add', ADDRESS), reject: false, buffer: false });
  script.stdout.destroy();
  const { exitCode, signal } = await script;
  assert.equal([exitCode, signal], [0, undefined]);
  assert.match((await outcomes())[0] ?? '', '; the manager gave no answer');
});

test('what is handed back to Node was not asked twice', async () => {
  await run(...ossec('add', ADDRESS));
  await run(...ossec('delete', ADDRESS));
  const { stdout } = await run('--dry-run', ...ossec('delete', ADDRESS));
  assert.is(stdout, `apache-deny: ${ADDRESS}: rehearsed: dry run: would be already: it was not blocked`);
});

test('a message of many bytes to a character is refused by Node as well', async () => {
  await withShell('/bin/bash');
  await stop(resident.pid);
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

test('what an older or a newer one says of itself is no word on standard error', async () => {
  const pid = await readFile(join(box(), 'pid'), 'utf8');
  const said = ['', ' 0', ' 08', ' x', ' 512 and more'].map((seats) => pid.replace(/ \d+\n/, `${seats}\n`));
  for (const [index, text] of said.entries()) {
    await writeFile(join(box(), 'pid'), text);
    const { status, stderr } = await run(...ossec('add', `198.18.0.${index}`));
    assert.equal([status, stderr], [0, ''], text);
  }
  assert.is(await resident.end(), 1);
});

test('a box that goes away meanwhile is no word on standard error', async () => {
  await rm(join(box(), 'in'), { recursive: true });
  const { status, stderr } = await run(...ossec('add', ADDRESS));
  assert.equal([status, stderr], [0, '']);
});

test('a request that is taken back leaves nothing', async () => {
  // Somebody has the bell, and does not listen; the one that watches sees that nothing runs.
  await stop(resident.pid);
  const ear = openSync(join(box(), 'bell'), 'r+');
  await writeFile(join(box(), 'pid'), `${process.pid} ${ear} ${SEATS}\n`);
  const { status } = await run(...ossec('add', ADDRESS));
  const seats = await readdir(join(box(), 'taken'));
  closeSync(ear);
  assert.is(status, 0);
  assert.is(seats.length, 1, 'it was handed on');
  assert.equal([await readdir(join(box(), 'in')), await readdir(join(box(), 'out'))], [[], []]);
});

for (const shell of ['/bin/bash', '/bin/bash --posix', '/bin/busybox sh']) {
  const testIfThere = existsSync(shell.split(' ')[0] ?? '') ? test : test.skip;
  testIfThere(`with ${shell} as its shell it says the same, and nothing of its own`, async () => {
    await withShell(shell);
    const nasty = ['add', '%s $(id) `id` \\c *', ADDRESS, '1.1', '1', '/x\\0 \'"', '*', '-rf', ''];
    const added = await run(...nasty);
    assert.match(added.stdout, new RegExp(`^apache-deny: ${ADDRESS}: blocked: [^\n]*$`));
    assert.equal([added.status, added.stderr], [0, '']);
    const asked = await runWithMessage(at, 'apache-deny', wazuh4('add', '203.0.113.10'));
    assert.equal([asked.status, asked.questions.length, asked.stderr], [0, 1, '']);
    const [event] = await at.journal();
    assert.equal([event?.user, event?.location], [nasty[1], nasty.slice(5).join(' ')]);
    assert.is(await resident.end(), 2);
  });
}

test.run();
