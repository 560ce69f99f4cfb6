/**
 * A child of lock.test.ts. `LOCK COUNTER TIMES` adds 1 to the number in the file COUNTER, and repeats this TIMES times.
 * It takes the lock for each addition. `LOCK` alone takes the lock, prints a line, and keeps the lock until the process
 * is killed. `LOCK --try` takes the lock without waiting, prints whether this process holds it, releases the lock, and
 * prints the holder again.
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
