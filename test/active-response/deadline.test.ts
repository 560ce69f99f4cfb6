import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { deadline } from '../../active-response/deadline.ts';

test('it says once that the time is over', async () => {
  let times = 0;
  await new Promise<void>((resolve) => {
    deadline(10, () => {
      times++;
      setTimeout(resolve, 50);
    });
  });
  assert.is(times, 1);
});

test('what is taken back is not said, also when the time is over by then', async () => {
  let times = 0;
  const takeBack = deadline(10, () => times++);
  const later = deadline(60_000, () => times++);
  later();
  // A timer that is due in the same turn: behind the first one, and before what is looked at last.
  setTimeout(takeBack, 10);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.is(times, 0);
});

test.run();
