import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { reused } from '../../base/reused.ts';

test('reads again only when the last result is too old', () => {
  let [now, count] = [0, 0];
  const read = reused(
    () => ++count,
    () => now,
    1000,
  );
  assert.equal([read(), read()], [1, 1]);
  now = 999;
  assert.is(read(), 1);
  now = 1000;
  assert.equal([read(), read()], [2, 2]);
});

test.run();
