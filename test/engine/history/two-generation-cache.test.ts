import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TwoGenerationCache } from '../../../engine/history/two-generation-cache.ts';

test('keeps entries that are touched again, and drops other entries after a while', () => {
  const map = new TwoGenerationCache<number>(60);
  map.set('kept', 0, 1);
  for (let i = 0; i < 20_000; i++) {
    map.set(`k${i}`, i, i);
    map.getOrAdd('kept', i, () => 2);
  }
  assert.is(map.get('kept'), 1);
  assert.is(map.get('k19999'), 19_999);
  assert.is(map.get('k0'), undefined);
  assert.ok(map.size < 5000, `${map.size} entries`);
});

test('keeps all keys when many keys have the same time', () => {
  const map = new TwoGenerationCache<number>(60);
  for (let i = 0; i < 100_000; i++) map.set(`k${i}`, 1000, i);
  assert.is(map.get('k0'), 0);
  assert.is(map.get('k99999'), 99_999);
});

test('keeps recent entries when time goes backwards', () => {
  const map = new TwoGenerationCache<number>(60);
  for (let i = 0; i < 5000; i++) map.set(`k${i}`, 1_000_000 - i * 100, i);
  assert.is(map.get('k4999'), 4999);
  assert.is(map.get('k0'), 0);
});

test('drops all entries after very many touches, because each touch may enlarge an entry', () => {
  const map = new TwoGenerationCache<number>(60, 1000);
  map.set('a', 0, 1);
  for (let i = 0; i < 999; i++) map.set('b', 0, i);
  assert.is(map.get('a'), 1);
  map.set('b', 0, 999);
  assert.equal([map.get('a'), map.get('b'), map.size], [undefined, 999, 1]);
});

test('does not count the touches of a dropped generation', () => {
  const map = new TwoGenerationCache<number>(60, 9000);
  for (let i = 0; i < 20_000; i++) {
    map.set(`k${i}`, i, i);
    map.set('kept', i, 1);
    if (i > 0) assert.is(map.get(`k${i - 1}`), i - 1);
  }
});

test.run();
