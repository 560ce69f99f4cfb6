import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { memoized } from '../../base/memoized.ts';

const test = suite('memoized');

/** A memoized function, and the texts for which it has computed a result. */
function counted(bounds = { most: 3, longest: 5 }) {
  const computed: string[] = [];
  const lengthOf = memoized((text) => {
    computed.push(text);
    return text === 'none' ? undefined : text.length;
  }, bounds);
  return { computed, lengthOf };
}

test('computes a text once', () => {
  const { computed, lengthOf } = counted();
  assert.equal([lengthOf('one'), lengthOf('one'), lengthOf('four')], [3, 3, 4]);
  assert.equal(computed, ['one', 'four']);
});

test('remembers the result undefined, too', () => {
  const { computed, lengthOf } = counted();
  assert.equal([lengthOf('none'), lengthOf('none')], [undefined, undefined]);
  assert.equal(computed, ['none']);
});

test('computes again a text that is too long to be remembered', () => {
  const { computed, lengthOf } = counted();
  assert.equal([lengthOf('longer'), lengthOf('longer')], [6, 6]);
  assert.is(computed.length, 2);
});

test('forgets all texts when there are too many', () => {
  const { computed, lengthOf } = counted();
  for (const text of ['a', 'b', 'c', 'd', 'd', 'a']) assert.is(lengthOf(text), 1);
  assert.equal(computed, ['a', 'b', 'c', 'd', 'a']);
});

test('keeps bytes above 0x7f as they are', () => {
  const { computed, lengthOf } = counted();
  lengthOf('\xff\x80');
  assert.equal(computed, ['\xff\x80']);
});

test.run();
