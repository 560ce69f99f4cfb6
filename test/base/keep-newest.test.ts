import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { keepNewest } from '../../base/keep-newest.ts';

test('forgets the entry that was set first, and only when there are too many', () => {
  const map = new Map<string, number>();
  for (const [index, key] of ['a', 'b', 'c', 'a', 'd'].entries()) {
    map.set(key, index);
    keepNewest(map, 3);
  }
  assert.equal([...map.keys()], ['b', 'c', 'd']);
});

test('forgets a key that is undefined, too', () => {
  const map = new Map([[undefined, 1]]);
  keepNewest(map, 0);
  assert.is(map.size, 0);
});

test.run();
