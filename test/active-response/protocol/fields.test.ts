import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  addressIn,
  clean,
  count,
  fieldsOf,
  object,
  shown,
  text,
  texts,
} from '../../../active-response/protocol/fields.ts';
import { EX } from '../../../base/errors.ts';
import { refuses } from '../support.ts';

test('reads an absent field and null as undefined', () => {
  for (const read of [object, text])
    for (const nothing of [undefined, null]) assert.is(read('field', nothing), undefined, read.name);
  for (const nothing of [undefined, null]) assert.equal(texts('field', nothing), []);
});

for (const [read, expected, wrong] of [
  [object, 'an object', [[], [{}], 'x', '', 0, 1, true]],
  [text, 'a text', [{}, [], ['x'], 0, 1, true, false]],
  [texts, 'a list of texts', [{}, 'x', 1, true, { length: 1, 0: 'x' }]],
] as const) {
  test(`${read.name} accepts ${expected}, and names any other type in its error`, () => {
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

test('returns values of the right type unchanged', () => {
  const value = { a: 1 };
  assert.is(object('f', value), value);
  assert.is(text('f', ''), '');
  assert.is(text('f', 'Grüße 世界'), 'Grüße 世界');
  assert.is(count(0), 0);
  assert.is(count('12'), 12);
  assert.is(count('007'), 7);
  assert.is(fieldsOf(value), value);
  assert.equal(texts('f', []), []);
  assert.equal(texts('f', ['a', '']), ['a', '']);
});

test('names a list’s item that is not a text by its index', () => {
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

test('refuses control characters anywhere, and shows them escaped', () => {
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
    refuses(() => texts('a', [`x${char}y`]), EX.DATAERR, /^a\[0\] holds control characters/);
  }
  assert.is(clean('a', 'plain'), 'plain');
  assert.is(clean('a', 'x\u202ey'), 'x\u202ey');
});

test('returns undefined for an invalid number', () => {
  const wrong = [
    {},
    [],
    true,
    null,
    undefined,
    '',
    'x',
    '-1',
    '1.5',
    '1e3',
    ' 1',
    -1,
    1.5,
    2 ** 53,
    Number.NaN,
  ];
  for (const value of [...wrong, '1234567890123456', Number.POSITIVE_INFINITY])
    assert.is(count(value), undefined, JSON.stringify(value));
});

test('finds no fields in a value that is not an object', () => {
  for (const value of [undefined, null, 'x', 7, true, [], [{ a: 1 }]]) assert.equal(fieldsOf(value), {});
});

test('escapes control characters, cuts long texts, and drops lists and objects for display', () => {
  assert.is(shown('a\nb\u001b[2J\u2028', 200), 'a\\u000ab\\u001b[2J\\u2028');
  assert.is(shown('x'.repeat(300), 200), `${'x'.repeat(200)}…`);
  assert.equal([shown(7, 200), shown(true, 200), shown(1795166201.5, 200)], ['7', 'true', '1795166201.5']);
  for (const value of [undefined, null, '', [], ['x'], {}, { a: 1 }]) assert.is(shown(value, 200), undefined);
});

test('takes the address from the first field whose text is neither empty nor a hyphen', () => {
  const fields = (...values: unknown[]) => values.map((value, index) => [`f${index}`, value] as const);
  assert.equal(addressIn(fields('203.0.113.1', '203.0.113.2')), { address: '203.0.113.1' });
  for (const nothing of ['', '-', null, undefined, 7, true, [], ['203.0.113.1'], { a: 1 }])
    assert.equal(
      addressIn(fields(nothing, '203.0.113.2')),
      { address: '203.0.113.2' },
      JSON.stringify(nothing),
    );
});

test('names the fields that it has read, and wrong types, when it finds no address', () => {
  const fields = [
    ['a.ip', undefined],
    ['b.ip', ['203.0.113.1']],
    ['c.ip', 7],
    ['d.ip', { ip: '203.0.113.1' }],
    ['e.ip', '-'],
  ] as const;
  assert.equal(addressIn(fields), {
    address: '',
    lookedAt: ['a.ip', 'b.ip (a list)', 'c.ip (number)', 'd.ip (object)', 'e.ip'],
  });
});

test.run();
