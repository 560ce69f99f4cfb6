/**
 * A child of lock.test.ts: `LOCK COUNTER TIMES` adds 1 to the number in the file COUNTER TIMES times, each under
 * the lock; `LOCK` alone takes the lock, prints a line, and keeps it until it is killed; `LOCK --try` takes the lock
 * without waiting, prints the holder, and releases it.
 */
import { readFileSync, writeFileSync, writeSync } from 'node:fs';
import { holderOf, tryLock, withLock } from '../../base/lock.ts';

const [lock = '', counter, times] = process.argv.slice(2);

if (counter === undefined) {
  withLock(
    lock,
    60,
    () => false,
    () => {
      writeSync(1, 'held\n');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    },
  );
} else if (counter === '--try') {
  const release = tryLock(lock);
  writeSync(1, `${release !== undefined && holderOf(lock) === process.pid}\n`);
  release?.();
  writeSync(1, `${holderOf(lock)}\n`);
} else {
  for (let i = 0; i < Number(times); i++) {
    withLock(
      lock,
      60,
      () => false,
      () => {
        const before = Number(readFileSync(counter, 'utf8'));
        // Leaves the file empty for a moment, so that a second process under the lock would read a wrong number.
        writeFileSync(counter, '');
        writeFileSync(counter, String(before + 1));
      },
    );
  }
}
