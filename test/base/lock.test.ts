import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EX } from '../../base/errors.ts';
import { withLock } from '../../base/lock.ts';
import { childProgram, runChild } from '../active-response/child.ts';
import { refuses, temporaryDirectory } from '../active-response/support.ts';
import { privileges } from '../lab/namespaces.ts';
import { eventually } from '../lab/server.ts';
import { hasEnded } from '../lab/stop.ts';

const holder = await childProgram('lock-holder.ts');
const never = () => false;

/** A process that holds the lock until it is killed. */
async function hold(lock: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [holder, lock], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return child;
}

/** Kills a process by a signal that leaves it no time to remove its lock. */
async function kill(child: ChildProcess): Promise<void> {
  const closed = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGKILL');
  await closed;
}

/** Returns the id of a process that has ended. */
async function deadProcess(): Promise<number> {
  const child = spawn('/bin/true');
  await new Promise((resolve) => child.once('close', resolve));
  return child.pid ?? 0;
}

test('holds the lock file with this process’s id during the work, and removes it afterwards', () => {
  const lock = join(temporaryDirectory(), 'lock');
  let inside = '';
  withLock(lock, 1, never, () => {
    inside = readFileSync(lock, 'utf8');
  });
  assert.match(inside, new RegExp(`^${process.pid} \\d+\n$`));
  assert.not(existsSync(lock));
});

test('releases the lock and passes the error on when the work fails', () => {
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

test('never lets two processes hold the lock at once, and lets each process hold it', async () => {
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

test('gives the lock to one process at a time when several processes find a dead holder', async () => {
  const directory = temporaryDirectory();
  const [lock, counter] = [join(directory, 'lock'), join(directory, 'counter')];
  writeFileSync(counter, '0');
  writeFileSync(lock, `${await deadProcess()}\n`);
  const children = await Promise.all(Array.from({ length: 6 }, () => runChild(holder, [lock, counter, '5'])));
  for (const { status, stderr } of children) assert.is(status, 0, stderr);
  assert.is(readFileSync(counter, 'utf8'), '30');
  assert.equal(readdirSync(directory), ['counter']);
});

test('takes over the lock of a killed process', async () => {
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

test('takes over the lock of a killed process that is still a zombie', async () => {
  const lock = join(temporaryDirectory(), 'lock');
  const parent = spawn('sh', ['-c', '"$@" & echo $!; exec sleep 600', 'sh', process.execPath, holder, lock]);
  try {
    const said: string[] = [];
    parent.stdout.on('data', (bytes) => said.push(...String(bytes).split('\n')));
    await eventually('the lock is held', async () => said.includes('held'));
    const pid = Number(said.find((line) => /^\d+$/.test(line)));
    process.kill(pid, 'SIGKILL');
    await eventually('it is a zombie', () => hasEnded(pid));
    assert.ok(existsSync(`/proc/${pid}`));
    let done = false;
    withLock(lock, 30, never, () => {
      done = true;
    });
    assert.ok(done);
  } finally {
    await kill(parent);
  }
});

// The steps that change a file while a process takes the lock, and the first step under the lock.
for (const step of [1, 2, 3, 4])
  test(`takes over the lock of a process that was killed at step ${step} of taking it`, async () => {
    const lock = join(temporaryDirectory(), 'lock');
    const words = ['--import', './test/install/kill-at.mjs', holder, lock];
    const { signal } = await execa(process.execPath, words, {
      env: { KILL_AT: String(step) },
      timeout: 600_000,
      reject: false,
    });
    assert.is(signal, 'SIGKILL');
    let done = false;
    withLock(lock, 1, never, () => {
      done = true;
    });
    assert.ok(done);
  });

test('names file and holder when the holder keeps the lock past the time limit', async () => {
  const lock = join(temporaryDirectory(), 'lock');
  const child = await hold(lock);
  try {
    const work = () => assert.unreachable('the work was done without the lock');
    refuses(
      () => withLock(lock, 0.1, never, work),
      EX.TEMPFAIL,
      new RegExp(`^${lock} has been held by process ${child.pid} for more than 0\\.1 s$`),
    );
    assert.match(readFileSync(lock, 'utf8'), new RegExp(`^${child.pid} \\d+\n$`));
  } finally {
    await kill(child);
  }
});

test('stops waiting, and does no work, when the work is no longer needed', async () => {
  const lock = join(temporaryDirectory(), 'lock');
  const child = await hold(lock);
  try {
    let calls = 0;
    withLock(
      lock,
      30,
      () => ++calls === 3,
      () => assert.unreachable('the work was done although it was not needed'),
    );
    assert.is(calls, 3);
  } finally {
    await kill(child);
  }
});

test('takes a free lock without checking whether the work is still needed', () => {
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

test('takes over an empty lock file only when it is old', () => {
  const lock = join(temporaryDirectory(), 'lock');
  writeFileSync(lock, '');
  refuses(() => withLock(lock, 0.1, never, () => {}), EX.TEMPFAIL, /^\/.*lock has been held by process /);
  utimesSync(lock, new Date(0), new Date(0));
  let done = false;
  withLock(lock, 30, never, () => {
    done = true;
  });
  assert.ok(done);
});

test('removes an old take-over guard of a killed process', async () => {
  const directory = temporaryDirectory();
  const lock = join(directory, 'lock');
  writeFileSync(lock, `${await deadProcess()}\n`);
  writeFileSync(`${lock}.take-over`, '');
  utimesSync(`${lock}.take-over`, new Date(0), new Date(0));
  withLock(lock, 30, never, () => {});
  assert.equal(readdirSync(directory), []);
});

test('names the lock when it cannot be created', () => {
  const lock = join(temporaryDirectory(), 'none/lock');
  refuses(() => withLock(lock, 1, never, () => {}), EX.IOERR, new RegExp(`^cannot create ${lock}: `));
});

const own = privileges();

(own ? test : test.skip)('leaves no lock file when the disk is full', async () => {
  const directory = temporaryDirectory();
  const full = 'mount -t tmpfs -o size=4k none "$0" && head -c 4k /dev/zero > "$0/filler" && "$@"; ls "$0"';
  const [program = '', ...args] = [...(own ?? []), 'unshare', '--mount'];
  const words = [directory, process.execPath, holder, join(directory, 'lock')];
  const { stdout, stderr } = await execa(program, [...args, 'sh', '-c', full, ...words], { reject: false });
  assert.match(stderr, /cannot create .*lock: no space left on the device/);
  assert.is(stdout, 'filler');
});

(process.getuid?.() === 0 ? test : test.skip)(
  'lets another account lock its files when /run/riposte-locks belongs to root',
  async () => {
    const directory = temporaryDirectory();
    chmodSync(directory, 0o777);
    chmodSync(dirname(holder), 0o755);
    const locked =
      'mount -t tmpfs -o mode=755 none /run && mkdir -m 700 /run/riposte-locks && exec setpriv --reuid 65534 --regid 65534 --clear-groups "$@"';
    const words = [process.execPath, holder, join(directory, 'lock'), '--try'];
    const { stdout, stderr } = await execa('unshare', ['--mount', 'sh', '-c', locked, 'sh', ...words], {
      reject: false,
    });
    assert.is(stderr, '');
    assert.is(stdout, 'true\nundefined');
  },
);

test('takes over a lock when its process id has been reused', () => {
  const lock = join(temporaryDirectory(), 'lock');
  writeFileSync(lock, `${process.ppid} 1\n`); // the parent process runs, but it did not start at clock tick 1
  let done = false;
  withLock(lock, 30, never, () => (done = true));
  assert.ok(done);
});

test.run();
