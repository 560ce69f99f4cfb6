import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { leftToAll, type Share, shareIn, someOf, someRuns } from './share.ts';

const SHARES: readonly Share[] = ['quick', 'rest', 'all'];

test('takes every fourth item, and leaves the other items to the rest', () => {
  assert.equal(
    SHARES.map((share) => someOf([0, 1, 2, 3, 4, 5], 0, share)),
    [
      [0, 4],
      [1, 2, 3, 5],
      [0, 1, 2, 3, 4, 5],
    ],
  );
  assert.equal(someOf([0, 1, 2, 3, 4, 5], 5, 'quick'), [1, 5]);
});

test('takes a quarter of the runs, but at least one, and leaves the other runs to the rest', () => {
  assert.equal(
    SHARES.map((share) => someRuns(300, share)),
    [75, 225, 300],
  );
  assert.equal(
    SHARES.map((share) => someRuns(1, share)),
    [1, 0, 1],
  );
});

test('fails on a share that does not exist', () => {
  assert.is(shareIn(undefined), 'quick');
  assert.throws(() => shareIn('half'), /RIPOSTE_TEST_SHARE is 'half', but must be quick, rest or all/);
});

test('registers a test of leftToAll() in every run except npm test', () => {
  const registered: Share[] = [];
  for (const share of SHARES) leftToAll(() => registered.push(share), share)('a test', async () => {});
  assert.equal(registered, ['rest', 'all']);
});

test.run();
