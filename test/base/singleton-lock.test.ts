import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { EX } from '../../base/errors.ts';
import { type SingletonLock, takeSingletonLock, withSingletonLock } from '../../base/singleton-lock.ts';
import { refuses, temporaryDirectory } from '../active-response/support.ts';

const test = suite('singleton lock');
let lock: SingletonLock;
const BUSY = /^process \d+ has it$/;

test.before.each(() => {
  lock = {
    file: join(temporaryDirectory(), 'below/the.lock'),
    message: (holder) => `process ${holder} has it`,
  };
});

test('writes this process’s ID into the file, and removes the file at the release', () => {
  const release = takeSingletonLock(lock);
  assert.is(readFileSync(lock.file, 'utf8').split(' ')[0], String(process.pid));
  release();
  assert.not(existsSync(lock.file));
});

test('fails with the message, which names the holder, while another process holds the lock', () => {
  const release = takeSingletonLock(lock);
  refuses(() => takeSingletonLock(lock), EX.TEMPFAIL, new RegExp(`^process ${process.pid} has it$`));
  release();
  takeSingletonLock(lock)();
});

test('fails when another process still holds the lock at the time limit', () => {
  const release = takeSingletonLock(lock);
  refuses(() => takeSingletonLock({ ...lock, patience: 0.1 }), EX.TEMPFAIL, BUSY);
  release();
});

test('takes over the lock of a process that has ended', () => {
  takeSingletonLock(lock)();
  writeFileSync(lock.file, '999999999 1\n');
  takeSingletonLock(lock)();
});

test('holds the lock while the work runs, and releases it when the work throws', () => {
  const work = () => {
    refuses(() => takeSingletonLock(lock), EX.TEMPFAIL, BUSY);
    return 7;
  };
  assert.is(withSingletonLock(lock, work), 7);
  const fails = () => {
    throw new Error('oh');
  };
  assert.throws(() => withSingletonLock(lock, fails), 'oh');
  assert.not(existsSync(lock.file));
});

test('holds the lock until the work’s promise is settled', async () => {
  let end = (_: number) => {};
  const work = withSingletonLock(lock, () => new Promise<number>((resolve) => (end = resolve)));
  refuses(() => takeSingletonLock(lock), EX.TEMPFAIL, BUSY);
  end(7);
  assert.is(await work, 7);
  assert.not(existsSync(lock.file));
  const failed = withSingletonLock(lock, async () => Promise.reject(new Error('oh')));
  assert.is(await failed.catch(({ message }) => message), 'oh');
  assert.not(existsSync(lock.file));
});

test('does no work while another process holds the lock', () => {
  const release = takeSingletonLock(lock);
  refuses(() => withSingletonLock(lock, () => assert.unreachable()), EX.TEMPFAIL, BUSY);
  release();
});

test.run();
