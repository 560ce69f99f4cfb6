import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { indexOfLeast } from '../../../judgement/sources/index-of-least.ts';

test('finds the first item with the least value', () => {
  const find = (...numbers: number[]) => indexOfLeast(numbers, (number) => number);
  assert.equal([find(3, 1, 2), find(1, 2), find(2, 1, 1), find(5)], [1, 0, 1, 0]);
});

test('returns 0 for an empty list', () => {
  assert.is(
    indexOfLeast([], () => 1),
    0,
  );
});

test.run();
