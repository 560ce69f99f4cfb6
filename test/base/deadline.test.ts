import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { deadline } from '../../base/deadline.ts';

test('calls back once when the time is over', async () => {
  let times = 0;
  await new Promise<void>((resolve) => {
    deadline(10, () => {
      times++;
      setTimeout(resolve, 50);
    });
  });
  assert.is(times, 1);
});

test('does not call back after cancelling, even when the timer has fired', async () => {
  let times = 0;
  const cancel = deadline(10, () => times++);
  const cancelLater = deadline(60_000, () => times++);
  cancelLater();
  // This timer is due in the same turn as the first timer: it runs after the first timer, and before its setImmediate.
  setTimeout(cancel, 10);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.is(times, 0);
});

test.run();
