import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { BURST_PATHS, BURST_SECONDS, MissingPaths } from '../../../judgement/sources/missing-paths.ts';

const test = suite('missing paths');
const START = 1_800_000_000;
const steps = fc.array(
  fc.record({
    // The numbers are even, because the lowest bit of a path's number is not significant.
    path: fc.integer({ min: 0, max: 2 ** 20 }).map((number) => number * 2),
    wait: fc.integer({ min: 0, max: 200 }),
    isQuarter: fc.boolean(),
  }),
  { maxLength: 200 },
);

test('finds a burst when enough different paths come within the time of a burst', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const missing = new MissingPaths();
      const seen: { path: number; time: number; weight: number }[] = [];
      let time = START;
      for (const { path, wait, isQuarter } of all) {
        time += wait;
        if (missing.add(path, isQuarter, time)) seen.push({ path, time, weight: isQuarter ? 0.25 : 1 });
        const recent = seen.slice(-64).filter((each) => time - each.time <= BURST_SECONDS);
        const sum = recent.reduce((total, { weight }) => total + weight, 0);
        assert.is(missing.isBurst(BURST_PATHS, time), sum >= BURST_PATHS);
        if (sum >= BURST_PATHS) assert.ok(missing.isScan(time));
      }
    }),
  );
});

test('finds no scan in fewer than 16 paths, nor in one path every 120 seconds', () => {
  const missing = new MissingPaths();
  for (let i = 0; i < 15; i++) missing.add(i * 2, false, START);
  assert.not(missing.isScan(START));
  const slow = new MissingPaths();
  for (let i = 0; i < 1000; i++) {
    slow.add(i * 2, false, START + i * BURST_SECONDS);
    assert.not(slow.isScan(START + i * BURST_SECONDS));
  }
});

test('counts a path again only after an hour without a request', () => {
  const missing = new MissingPaths();
  assert.ok(missing.add(2, false, START));
  for (let time = START; time < START + 50_000; time += 3600) assert.not(missing.add(2, false, time));
  assert.ok(missing.add(2, false, START + 60_000));
});

test('forgets the counts of a source that sends no more requests', () => {
  const missing = new MissingPaths();
  for (let i = 0; i < 15; i++) missing.add(i * 2, false, START);
  assert.ok(missing.isSuspect(START));
  assert.not(missing.isSuspect(START + 8 * BURST_SECONDS));
});

test.run();
