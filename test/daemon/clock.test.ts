import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Clock } from '../../daemon/clock.ts';

/** The two sides of a clock that two threads share. */
function bothSides(): [Clock, Clock] {
  const clock = new Clock();
  return [clock, new Clock(clock.memory)];
}

const wait = (seconds: number) =>
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, seconds * 1000);

test('shows pending requests and steps to the other thread', () => {
  const [ours, others] = bothSides();
  assert.equal([others.pending, others.steps, others.overdue], [0, 0, undefined]);
  ours.pending = 7;
  ours.step();
  ours.step();
  assert.equal([others.pending, others.steps], [7, 2]);
});

test('reports a program from its deadline until it has ended', () => {
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
  ['forward', 3_600_000],
  ['back', -3_600_000],
] as const) {
  test(`keeps the deadline when the host’s clock is set ${what} by an hour`, () => {
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
