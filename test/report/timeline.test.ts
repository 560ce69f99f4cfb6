import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Timeline } from '../../report/timeline.ts';
import { inZone } from '../in-zone.ts';

const HOUR = 3_600_000;
const at = (text: string) => Date.parse(text);
const sums = (bars: readonly { counts: readonly number[] }[]) =>
  bars.map(({ counts }) => counts.reduce((sum, each) => sum + each, 0));

test('covers any period with at most about sixty bars, and counts every alert in one bar', () => {
  for (const [span, step] of [
    [0, '1 second'],
    [50_000, '1 second'],
    [10 * 60_000, '15 seconds'],
    [24 * HOUR, '1 hour'],
    [7 * 24 * HOUR, '3 hours'],
    [30 * 24 * HOUR, '12 hours'],
    [365 * 24 * HOUR, '7 days'],
    [40 * 365 * 24 * HOUR, '364 days'],
  ] as const) {
    const timeline = new Timeline();
    const from = at('2026-03-03T03:03:03Z');
    for (let i = 0; i < 1000; i++) timeline.add(from + (span * i) / 999, i % 5);
    const { bars, step: told } = timeline.bars(from, from + span);
    assert.is(told, step);
    assert.ok(bars.length >= 1 && bars.length <= 62, `${bars.length} bars`);
    assert.is(
      sums(bars).reduce((sum, each) => sum + each, 0),
      1000,
    );
    assert.ok((bars[0]?.start ?? 0) <= from && (bars.at(-1)?.start ?? 0) <= from + span);
  }
});

test('begins days at local midnight when the clock is put back', () => {
  inZone('Europe/Berlin', () => {
    const timeline = new Timeline();
    // The clocks are put back on 25 October 2026.
    timeline.add(at('2026-10-24T21:59:59Z'), 0);
    timeline.add(at('2026-10-24T22:00:00Z'), 0);
    timeline.add(at('2026-10-26T22:59:59Z'), 0);
    timeline.add(at('2026-10-26T23:00:00Z'), 0);
    const { bars, step } = timeline.bars(at('2026-10-01T10:00:00Z'), at('2026-11-20T10:00:00Z'));
    assert.is(step, '1 day');
    const days = bars.flatMap(({ start, counts }) =>
      counts[0] ? [`${new Date(start).toString().slice(4, 21)}: ${counts[0]}`] : [],
    );
    assert.equal(days, [
      'Oct 24 2026 00:00: 1',
      'Oct 25 2026 00:00: 1',
      'Oct 26 2026 00:00: 1',
      'Oct 27 2026 00:00: 1',
    ]);
  });
});

test('counts events of many years in a bounded number of periods', () => {
  const timeline = new Timeline();
  const first = at('1990-01-01T00:00:00Z');
  const last = at('2026-01-01T00:00:00Z');
  for (let i = 0; i < 200_000; i++) timeline.add(first + ((last - first) * i) / 199_999, 1);
  const { bars } = timeline.bars(timeline.first, timeline.last);
  assert.is(
    sums(bars).reduce((sum, each) => sum + each, 0),
    200_000,
  );
});

test('makes a bounded chart when a time is outside the range of dates', () => {
  const timeline = new Timeline();
  for (const time of [-8.64e15, 0, 8.64e15]) timeline.add(time, 0);
  const { bars } = timeline.bars(timeline.first, timeline.last);
  assert.ok(bars.length < 10_000, `${bars.length} bars`);
});

test.run();
