import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DistinctCounter } from '../../report/distinct-counter.ts';
import { TopK } from '../../report/top-k.ts';

test('counts exactly when there are few names', () => {
  const counts = new TopK(100);
  for (let i = 0; i < 1000; i++) counts.of(`name ${i % 100}`).add(i, i % 2 === 0);
  assert.equal([counts.isExact, counts.different, counts.short], [true, 100, 0]);
  for (const [, { alerts, first, last }] of counts) assert.is((last - first) / 100, alerts - 1);
});

test('keeps frequent names, and undercounts them by at most `short`', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 2000 }), (numbers) => {
      const counts = new TopK(16);
      const exact = new Map<string, number>();
      for (const number of numbers) {
        const name = `${Math.min(number, number % 9)}-${number}`;
        counts.of(name).add(1, false);
        exact.set(name, (exact.get(name) ?? 0) + 1);
      }
      const found = new Map([...counts].map(([name, { alerts }]) => [name, alerts]));
      assert.ok(found.size <= 16);
      for (const [name, count] of exact) {
        const kept = found.get(name) ?? 0;
        assert.ok(kept <= count && kept >= count - counts.short, `${name}: ${kept}, not ${count}`);
      }
    }),
  );
});

test('keeps a frequent name during a flood of rare names', () => {
  const counts = new TopK(1000);
  for (let i = 0; i < 100_000; i++) {
    counts.of(`flood ${i}`).add(i, false);
    if (i % 100 === 0) counts.of('patient').add(i, true);
  }
  assert.equal([counts.top(1)[0]?.[0], counts.of('patient').blocks], ['patient', 1000]);
  assert.is(counts.isExact, false);
});

test('estimates the number of distinct names within 1 %', () => {
  for (const count of [1, 1000, 1_000_000]) {
    const different = new DistinctCounter([]);
    for (let i = 0; i < count; i++) {
      const address = `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
      different.add(address);
      if (i % 3 === 0) different.add(address);
    }
    const error = Math.abs(different.estimate() - count) / count;
    assert.ok(error < 0.01, `${different.estimate()} of ${count}`);
  }
});

test.run();
