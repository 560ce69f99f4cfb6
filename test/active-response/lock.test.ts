import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EX } from '../../active-response/errors.ts';
import { withLock } from '../../active-response/lock.ts';
import { privileges } from '../lab/namespaces.ts';
import { childProgram, refuses, runChild, temporaryDirectory } from './support.ts';

const holder = await childProgram('lock-holder.ts');
const never = () => false;

/** A process that holds the lock until it is killed. */
async function hold(lock: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [holder, lock], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return child;
}

/** Kills it with a signal that leaves it no time to remove its lock. */
async function kill(child: ChildProcess): Promise<void> {
  const closed = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGKILL');
  await closed;
}

/** The id of a process that has ended. */
async function deadProcess(): Promise<number> {
  const child = spawn('/bin/true');
  await new Promise((resolve) => child.once('close', resolve));
  return child.pid ?? 0;
}

test('the work is done while the lock file holds our process id, and the file is gone afterwards', () => {
  const lock = join(temporaryDirectory(), 'lock');
  let inside = '';
  withLock(lock, 1, never, () => {
    inside = readFileSync(lock, 'utf8');
  });
  assert.match(inside, new RegExp(`^${process.pid} \\d+\n$`));
  assert.not(existsSync(lock));
});

test('the lock is given back when the work fails, and the failure is passed on', () => {
  const lock = join(temporaryDirectory(), 'lock');
  const failure = new Error('the work failed');
  try {
    withLock(lock, 1, never, () => {
      throw failure;
    });
    assert.unreachable();
  } catch (error) {
    assert.is(error, failure);
  }
  assert.not(existsSync(lock));
});

test('several processes are never inside at once, and each gets its turns', async () => {
  const directory = temporaryDirectory();
  const [lock, counter] = [join(directory, 'lock'), join(directory, 'counter')];
  writeFileSync(counter, '0');
  const children = await Promise.all(
    Array.from({ length: 6 }, () => runChild(holder, [lock, counter, '15'])),
  );
  for (const { status, stderr } of children) assert.is(status, 0, stderr);
  assert.is(readFileSync(counter, 'utf8'), '90');
  assert.equal(readdirSync(directory), ['counter']);
});

test('several processes that find a dead holder take the lock one after the other', async () => {
  const directory = temporaryDirectory();
  const [lock, counter] = [join(directory, 'lock'), join(directory, 'counter')];
  writeFileSync(counter, '0');
  writeFileSync(lock, `${await deadProcess()}\n`);
  const children = await Promise.all(Array.from({ length: 6 }, () => runChild(holder, [lock, counter, '5'])));
  for (const { status, stderr } of children) assert.is(status, 0, stderr);
  assert.is(readFileSync(counter, 'utf8'), '30');
  assert.equal(readdirSync(directory), ['counter']);
});

test('the lock of a killed process is taken over', async () => {
  const directory = temporaryDirectory();
  const lock = join(directory, 'lock');
  await kill(await hold(lock));
  assert.ok(existsSync(lock));
  let done = false;
  withLock(lock, 30, never, () => {
    done = true;
  });
  assert.ok(done);
  assert.equal(readdirSync(directory), []);
});

test('the lock of a living process is not taken over: the time limit names file and holder', async () => {
  const lock = join(temporaryDirectory(), 'lock');
  const child = await hold(lock);
  try {
    const work = () => assert.unreachable('the work was done without the lock');
    refuses(
      () => withLock(lock, 0.1, never, work),
      EX.TEMPFAIL,
      new RegExp(`^${lock} is held by process ${child.pid} for longer than 0\\.1 s$`),
    );
    assert.match(readFileSync(lock, 'utf8'), new RegExp(`^${child.pid} \\d+\n$`));
  } finally {
    await kill(child);
  }
});

test('waiting ends when the work has become needless, and it is not done', async () => {
  const lock = join(temporaryDirectory(), 'lock');
  const child = await hold(lock);
  try {
    let asked = 0;
    withLock(
      lock,
      30,
      () => ++asked === 3,
      () => assert.unreachable('the work was done though it is needless'),
    );
    assert.is(asked, 3);
  } finally {
    await kill(child);
  }
});

test('a free lock is taken without asking whether the work is needless', () => {
  let done = false;
  withLock(
    join(temporaryDirectory(), 'lock'),
    1,
    () => true,
    () => {
      done = true;
    },
  );
  assert.ok(done);
});

test('a lock that was made and never written to is taken over only when it is old', () => {
  const lock = join(temporaryDirectory(), 'lock');
  writeFileSync(lock, '');
  refuses(() => withLock(lock, 0.1, never, () => {}), EX.TEMPFAIL, /^\/.*lock is held by process /);
  utimesSync(lock, new Date(0), new Date(0));
  let done = false;
  withLock(lock, 30, never, () => {
    done = true;
  });
  assert.ok(done);
});

test('a taking-over that a killed process left half done does not last for ever', async () => {
  const directory = temporaryDirectory();
  const lock = join(directory, 'lock');
  writeFileSync(lock, `${await deadProcess()}\n`);
  writeFileSync(`${lock}.take-over`, '');
  utimesSync(`${lock}.take-over`, new Date(0), new Date(0));
  withLock(lock, 30, never, () => {});
  assert.equal(readdirSync(directory), []);
});

test('a lock that cannot be made is an error that names it', () => {
  const lock = join(temporaryDirectory(), 'none/lock');
  refuses(() => withLock(lock, 1, never, () => {}), EX.IOERR, new RegExp(`^cannot create ${lock}: `));
});

const own = privileges();

(own ? test : test.skip)(
  'on a full disk no lock file stays behind, so that the next try does not take it for another process',
  async () => {
    const directory = temporaryDirectory();
    const full = 'mount -t tmpfs -o size=4k none "$0" && head -c 4k /dev/zero > "$0/filler" && "$@"; ls "$0"';
    const [program = '', ...args] = [...(own ?? []), 'unshare', '--mount'];
    const words = [directory, process.execPath, holder, join(directory, 'lock')];
    const { stdout, stderr } = await execa(program, [...args, 'sh', '-c', full, ...words], { reject: false });
    assert.match(stderr, /cannot create .*lock: no space left on the device/);
    assert.is(stdout, 'filler');
  },
);

test('a lock whose number another process has since is taken over', () => {
  const lock = join(temporaryDirectory(), 'lock');
  writeFileSync(lock, `${process.ppid} 1\n`); // lives, but has not started at the first tick
  let done = false;
  withLock(lock, 30, never, () => (done = true));
  assert.ok(done);
});

test.run();
