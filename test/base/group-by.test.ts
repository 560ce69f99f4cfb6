import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { groupBy } from '../../base/group-by.ts';

test('groups items by key, and keeps groups and items in order', () => {
  const groups = groupBy(['b1', 'a1', 'b2', '__proto__', 'a2'], (text) => text.replace(/\d$/, ''));
  assert.equal(
    [...groups],
    [
      ['b', ['b1', 'b2']],
      ['a', ['a1', 'a2']],
      ['__proto__', ['__proto__']],
    ],
  );
});

test.run();
