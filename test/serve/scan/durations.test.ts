import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Detection } from '../../../evaluate/detection.ts';
import { durationsOf, isOver, severityOf, timesFor } from '../../../serve/scan/durations.ts';

const test = suite('durations');

const detection = (more: Partial<Detection> = {}): Detection => ({
  address: '203.0.113.9',
  time: 1000,
  rule: 117100,
  level: 10,
  description: '',
  line: '',
  location: '/var/log/a.log',
  ...more,
});
const atOnce = detection();
const counted = detection({ rule: 117103, isCounted: true });

test('blocks a single offence for a day and then a week, and counted offences for ten minutes at first', () => {
  const durations = durationsOf({ blockFor: [] }, { blockForCounted: [] });
  assert.equal(timesFor(atOnce, durations), [86_400, 604_800]);
  assert.equal(timesFor(counted, durations), [600, 3600, 86_400, 604_800]);
});

test('uses BLOCK_FOR for single and for counted offences', () => {
  const durations = durationsOf({ blockFor: [60] }, { blockForCounted: [] });
  assert.equal([timesFor(atOnce, durations), timesFor(counted, durations)], [[60], [60]]);
});

test('uses BLOCK_FOR_COUNTED for counted offences, even when BLOCK_FOR is set', () => {
  const durations = durationsOf({ blockFor: [60] }, { blockForCounted: [7] });
  assert.equal([timesFor(atOnce, durations), timesFor(counted, durations)], [[60], [7]]);
});

test('treats a detection as over once the first block for an exploit would have ended', () => {
  const durations = durationsOf({ blockFor: [] }, { blockForCounted: [] });
  for (const each of [atOnce, counted]) {
    assert.not(isOver(each, durations, 1000 + 86_400));
    assert.ok(isOver(each, durations, 1001 + 86_400));
  }
});

test('ranks detections by level, and at the same level single unmistakable requests above counted offences', () => {
  const severe = detection({ level: 12, isCounted: true });
  assert.ok(severityOf(severe) > severityOf(atOnce));
  assert.ok(severityOf(atOnce) > severityOf(counted));
});

test.run();
