import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Clock } from '../../../cli/resident/clock.ts';

/** This thread's clock, and the same as another thread has it. */
function bothSides(): [Clock, Clock] {
  const clock = new Clock();
  return [clock, new Clock(clock.memory)];
}

const wait = (seconds: number) =>
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, seconds * 1000);

test('the other side sees what is pending, and each step', () => {
  const [ours, others] = bothSides();
  assert.equal([others.pending, others.steps, others.overdue], [0, 0, undefined]);
  ours.pending = 7;
  ours.step();
  ours.step();
  assert.equal([others.pending, others.steps], [7, 2]);
});

test('a program is overdue when its time is over, until it has ended', () => {
  const [ours, others] = bothSides();
  ours.start(4242, 0.01);
  wait(0.05);
  assert.is(others.overdue, 4242);
  ours.start(4243, 600);
  assert.is(others.overdue, undefined);
  ours.start(4244, 0.01);
  wait(0.05);
  ours.stop();
  assert.is(others.overdue, undefined);
});

for (const [what, step] of [
  ['on', 3_600_000],
  ['back', -3_600_000],
] as const) {
  test(`the host’s clock set ${what} by an hour makes no program’s time longer or shorter`, () => {
    const [ours, others] = bothSides();
    const { now } = Date;
    try {
      ours.start(4242, 600);
      Date.now = () => now() + step;
      assert.is(others.overdue, undefined);
      Date.now = now;
      ours.start(4243, 0.01);
      wait(0.05);
      Date.now = () => now() + step;
      assert.is(others.overdue, 4243);
    } finally {
      Date.now = now;
    }
  });
}

test.run();
