import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { seedOf } from './seed.ts';
import { SHARE } from './share.ts';

test('uses the same seed in each run, and another seed for the rest', () => {
  assert.equal(
    (['quick', 'rest', 'all'] as const).map((share) => seedOf(undefined, share)),
    [1, 2, 1],
  );
});

test('uses the seed of the environment, or a random seed', () => {
  assert.is(seedOf('-7', 'rest'), -7);
  assert.is(seedOf('random', 'quick'), undefined);
});

for (const wrong of ['', 'seven', '1.5'])
  test(`fails on the seed '${wrong}'`, () => {
    assert.throws(
      () => seedOf(wrong, 'quick'),
      `RIPOSTE_TEST_SEED is '${wrong}', but must be a whole number`,
    );
  });

test('passes the seed to fast-check', () => {
  assert.is(fc.readConfigureGlobal()?.seed, seedOf(process.env.RIPOSTE_TEST_SEED, SHARE));
});

test.run();
