import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { JsonReader } from '../../../logs/readers/json.ts';
import { assertLinear, bytes } from '../support.ts';

type Value = [path: string, text: string, kind: string];

function valuesOf(line: string, reader = new JsonReader<string>((path) => path)): Value[] | string {
  const values: Value[] = [];
  const reason = reader.read(line, (path, text, kind) => values.push([path, text, kind]));
  return reason ?? values;
}

/** The values that JSON.parse reads, in the form of the values of JsonReader. */
function parsed(value: unknown, path = ''): Value[] {
  if (Array.isArray(value)) return value.flatMap((each) => parsed(each, `${path}[]`));
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, each]) => parsed(each, path === '' ? key : `${path}.${key}`));
  if (typeof value === 'string') return [[path, bytes(value), 'string']];
  return typeof value === 'number' ? [[path, JSON.stringify(value), 'number']] : [[path, '', 'none']];
}

test('returns every value with its path, as JSON.parse reads them', () => {
  const keys = fc.string({ minLength: 1 }).map((key) => bytes(key));
  fc.assert(
    fc.property(fc.array(fc.dictionary(keys, fc.jsonValue()), { minLength: 1, maxLength: 4 }), (objects) => {
      const reader = new JsonReader<string>((path) => path);
      for (const object of objects) {
        const line = JSON.stringify(object);
        assert.equal(valuesOf(bytes(line), reader), parsed(JSON.parse(line)).map(inBytes));
      }
    }),
  );
});

test('gives the same values as a new reader after other lines with the same keys', () => {
  const text = fc.oneof(
    fc.string({ maxLength: 8 }),
    fc.constantFrom('"', '\\', 'a","b":"c', '\\u0041', '\\x22', '', '","a":"', '1}', '\t'),
  );
  const value = fc.oneof(
    text.map((each) => `"${each}"`),
    text.map((each) => JSON.stringify(each)),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.constantFrom('1', '-1.5', '000', '-', '', 'null', 'true', '1x', '1,2', '[]', '["a"]', '{}', '{"a":1}'),
  );
  const space = fc.constantFrom('', ' ', '  ', '\t');
  const line = fc
    .tuple(fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c.d', 'e-f'), value), { maxLength: 5 }), space)
    .map(
      ([pairs, gap]) =>
        `{${gap}${pairs.map(([key, each]) => `"${key}":${gap}${each}`).join(`${gap},${gap}`)}${gap}}`,
    );
  fc.assert(
    fc.property(line, fc.array(line, { maxLength: 3 }), (first, others) => {
      const reader = new JsonReader<string>((path) => (path === 'e-f' ? undefined : path));
      for (const each of [first, first, first, first, ...others, first, ...others, ...others, ...others])
        assert.equal(
          valuesOf(each, reader),
          valuesOf(each, new JsonReader<string>((path) => (path === 'e-f' ? undefined : path))),
        );
    }),
    { numRuns: 2000 },
  );
});

const inBytes = ([path, text, kind]: Value): Value => [bytes(path), text, kind];

for (const [where, line] of [
  ['the line', '{"a":1,"b":2,"a":1}'],
  ['a nested object', '{"a":{"b":{"c":1,"c":2}}}'],
  ['an object in a list', '{"a":[1,{"b":1},{"b":1,"c":2,"b":3}]}'],
  ['the line, once with an escape', '{"ab":1,"a\\u0062":2}'],
  ['the line, after an object with the same key', '{"a":1,"x":{"a":2},"a":3}'],
  ['the line, with objects as values', '{"a":{"b":1},"a":{"c":1}}'],
  ['the line, with an empty name', '{"":1,"":2}'],
] as const) {
  test(`refuses the line when a key occurs twice in ${where}`, () => {
    const reader = new JsonReader<string>((path) => path);
    for (let round = 0; round < 3; round++) assert.is(valuesOf(line, reader), 'has a key twice');
  });
}

test('refuses a key that occurs twice among more keys than the reader remembers', () => {
  const reader = new JsonReader<string>((path) => path);
  const keys = Array.from({ length: 5000 }, (_, index) => `"k${index}":${index}`);
  assert.is(valuesOf(`{${keys.join(',')}}`, reader).length, 5000);
  for (const index of [3, 999, 1000, 4998, 4999])
    assert.is(valuesOf(`{${keys.join(',')},"k${index}":1}`, reader), 'has a key twice');
  for (const index of [0, 1])
    assert.is(valuesOf(`{"new${index}":1,"new${index}":1}`, reader), 'has a key twice');
  assert.is(valuesOf(`{${keys.join(',')}}`, reader).length, 5000);
});

test('reads a line whose keys are in another order than the keys of the previous line', () => {
  const reader = new JsonReader<string>((path) => path);
  const lines = [
    '{"a":1,"b":{"c":2},"d":3}',
    '{"d":3,"b":{"e":1,"c":2},"a":1}',
    '{"b":4}',
    '{}',
    '{"a":1,"d":3}',
  ];
  for (const line of [...lines, ...lines]) assert.equal(valuesOf(line, reader), parsed(JSON.parse(line)));
});

test('distinguishes a key that has an escaped quote from other keys', () => {
  const reader = new JsonReader<string>((path) => path);
  const line = '{"a\\"b":1,"a":2}';
  for (let round = 0; round < 3; round++)
    assert.equal(valuesOf(line, reader), [
      ['a"b', '1', 'number'],
      ['a', '2', 'number'],
    ]);
  assert.is(valuesOf('{"a"b":1,"a":2}', reader), 'is not a JSON object');
});

test('reads the forms of nginx and Apache that JSON does not have', () => {
  assert.equal(valuesOf(String.raw`{"a":"\x22\xC3\xa9\v", "b" : - ,"c":,"d":000,"e":-1.50e+3,"f":}`), [
    ['a', '"\xc3\xa9\v', 'string'],
    ['b', '', 'none'],
    ['c', '', 'none'],
    ['d', '000', 'number'],
    ['e', '-1.50e+3', 'number'],
    ['f', '', 'none'],
  ]);
});

test('replaces escaped characters by their bytes in UTF-8', () => {
  assert.equal(valuesOf(String.raw`{"a":"\u00e9\ud83d\ude00\u0000\ud83d\ude0"}`), 'is not a JSON object');
  assert.equal(valuesOf(String.raw`{"a":"\u00e9\ud83d\ude00\u0000\ud83dx\ude00"}`), [
    ['a', bytes('é😀\0\ufffdx\ufffd'), 'string'],
  ]);
});

for (const line of [
  '',
  'x',
  '[]',
  '"a"',
  '{',
  '{"a"',
  '{"a":',
  '{"a":"',
  '{"a":"\\"}',
  '{"a":"\\q"}',
  '{"a":"\\x4"}',
  '{"a":"\\u12g4"}',
  '{"a":1',
  '{"a":1,}',
  '{"a":1 "b":2}',
  '{a:1}',
  '{"a":nul}',
  '{"a":1x}',
  '{"a":1-2}',
  '{"a":0.1, 0.2}',
  '{"a":[1,]}',
  '{"a":[,1]}',
  '{"a":[1}',
  "{'a':1}",
  `{"a":${'['.repeat(40)}${']'.repeat(40)}}`,
  `${'{"a":'.repeat(100_000)}1`,
]) {
  test(`refuses ${line.slice(0, 30)}`, () => {
    assert.is(valuesOf(line), 'is not a JSON object');
  });
}

test('refuses a second object after the first', () => {
  assert.is(valuesOf('{"a":1}{"a":2}'), 'has something after its JSON object');
  assert.is(valuesOf('{"a":1} \t\r').length, 1);
});

test('takes time in proportion to the length of a line', () => {
  const lines: ((size: number) => string)[] = [
    (size) => `{"a":"${'x'.repeat(size)}"}`,
    (size) => `{"a":"${'\\"'.repeat(size / 2)}"}`,
    (size) => `{"a":"${'\\\\'.repeat(size / 2)}"}`,
    (size) => `{"a":"${'\\u0041'.repeat(size / 6)}"}`,
    (size) => `{"a":"${'\\\\'.repeat(size / 2)}`,
    (size) => `{${Array.from({ length: size / 14 }, (_, index) => `"k${index}":"\\n"`).join(',')}}`,
    (size) => `{"a":[${'"\\n",'.repeat(size / 5)}""]}`,
    (size) => `{"a":[${'{"b":1},'.repeat(size / 8)}1]}`,
    (size) => '{"a":'.repeat(size / 5),
    (size) => `{"a":${'1'.repeat(size)}}`,
    (size) => `{${' '.repeat(size)}`,
  ];
  for (const line of lines)
    assertLinear((size) => new JsonReader<string>((path) => path).read(line(size), () => {}));
});

test.run();
