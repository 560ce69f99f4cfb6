import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EX } from '../../../active-response/errors.ts';
import { clean, count, identifier, object, text, texts } from '../../../active-response/protocol/fields.ts';
import { refuses } from '../support.ts';

test('an absent field and null are undefined', () => {
  for (const read of [object, text, identifier, count])
    for (const nothing of [undefined, null]) assert.is(read('field', nothing), undefined, read.name);
  for (const nothing of [undefined, null]) assert.equal(texts('field', nothing), []);
});

for (const [read, expected, wrong] of [
  [object, 'an object', [[], [{}], 'x', '', 0, 1, true]],
  [text, 'a text', [{}, [], ['x'], 0, 1, true, false]],
  [identifier, 'a text', [{}, [], true, Number.NaN, Number.POSITIVE_INFINITY]],
  [
    count,
    'a whole number',
    [{}, [], true, '', 'x', '-1', '1.5', '1e3', ' 1', -1, 1.5, 2 ** 53, Number.NaN, '1234567890123456'],
  ],
  [texts, 'a list of texts', [{}, 'x', 1, true, { length: 1, 0: 'x' }]],
] as const) {
  test(`${read.name} takes ${expected} and says what it found instead`, () => {
    for (const value of wrong) {
      const found = Array.isArray(value) ? 'a list' : typeof value;
      refuses(
        () => read('a.field', value),
        EX.DATAERR,
        new RegExp(`^a\\.field is not ${expected} but ${found}$`),
      );
    }
  });
}

test('values of the right type come as they are', () => {
  const value = { a: 1 };
  assert.is(object('f', value), value);
  assert.is(text('f', ''), '');
  assert.is(text('f', 'Grüße 世界'), 'Grüße 世界');
  assert.is(identifier('f', '1795166201.0'), '1795166201.0');
  assert.is(identifier('f', 100_100), '100100');
  assert.is(count('f', 0), 0);
  assert.is(count('f', '12'), 12);
  assert.is(count('f', '007'), 7);
  assert.equal(texts('f', []), []);
  assert.equal(texts('f', ['a', '']), ['a', '']);
});

test('an item of a list that is no text is named by its place', () => {
  for (const [item, found] of [
    [1, 'number'],
    [null, 'null'],
    [[], 'a list'],
    [{}, 'object'],
  ] as const)
    refuses(
      () => texts('args', ['ok', item]),
      EX.DATAERR,
      new RegExp(`^args\\[1\\] is not a text but ${found}$`),
    );
});

test('control characters are refused wherever they are, and shown escaped', () => {
  for (const [char, shown] of [
    ['\n', '000a'],
    ['\u0000', '0000'],
    ['\u001b', '001b'],
    ['\u0085', '0085'],
    ['\u2028', '2028'],
  ]) {
    const message = new RegExp(`^a holds control characters: 'x\\\\u${shown}y'$`);
    refuses(() => clean('a', `x${char}y`), EX.DATAERR, message);
    refuses(() => text('a', `x${char}y`), EX.DATAERR, message);
    refuses(() => identifier('a', `x${char}y`), EX.DATAERR, message);
    refuses(() => texts('a', [`x${char}y`]), EX.DATAERR, /^a\[0\] holds control characters/);
  }
  assert.is(clean('a', 'plain'), 'plain');
  // Whoever chooses such a name must not escape the block by it; a log shows it escaped.
  assert.is(clean('a', 'x\u202ey'), 'x\u202ey');
});

test.run();
