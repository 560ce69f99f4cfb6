import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { assertLinear } from './linear-time.ts';

/** True if assertLinear accepts work that takes this time. @param timeOf returns milliseconds */
function isLinear(timeOf: (length: number) => number): boolean {
  try {
    assertLinear([16_000, 64_000], timeOf, 'it');
    return true;
  } catch (error) {
    assert.match((error as Error).message, /^it: \S+ ms for 16000 bytes, \S+ ms for 64000$/);
    return false;
  }
}

test('refuses a time that grows with the square of the length', () => {
  assert.not(isLinear((length) => (length / 1000) ** 2));
});

test('accepts a time in proportion to the length on a slow machine, too', () => {
  assert.ok(isLinear((length) => length / 10));
});

test('accepts a linear time on a machine that pauses now and then', () => {
  let times = 0;
  assert.ok(isLinear((length) => length / 1000 + (times++ % 3 === 1 ? 1000 : 0)));
});

test.run();
